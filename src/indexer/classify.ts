/** What the name, kind and size of a file tell about it before its bytes are read: which files are never indexed. */
import { realpathSync, type Stats } from "node:fs";
import { sep } from "node:path";
import type { SkipReason } from "./symbol.ts";

/** Why a file is left out. */
export interface Skip {
  readonly reason: SkipReason;
  readonly detail?: string;
}

/** What a file over the parse limit is read as: text in segments, which are stored otherwise than other text. */
export const largeText = "large text";

/** Keys and key stores, by the end of the name. */
const secretEndings = words(
  ".pem .key .p12 .pfx .pkcs12 .jks .jceks .bks .keystore .kdb .kdbx .ppk .agekey .keytab .ovpn .asc.key .tfvars .tfstate",
);
/** Whole names that hold passwords or tokens; `.npmrc` is looked into when it is read. */
const secretNames = words(
  "id_rsa id_dsa id_ecdsa id_ed25519 id_ecdsa_sk id_ed25519_sk .netrc _netrc .pypirc .htpasswd .pgpass .my.cnf",
  ".git-credentials .dockercfg .s3cfg .boto .vault-token .terraformrc credentials.tfrc.json",
  "application_default_credentials.json kubeconfig .envrc",
  "secrets.yml secrets.yaml credentials.json",
);
/** Files that are secret for the folder they stand in. */
const secretPaths = words(
  ".aws/credentials .aws/config .docker/config.json .kube/config .config/gcloud/credentials.db gcloud/credentials.db",
  "gcloud/access_tokens.db .config/gh/hosts.yml .azure/accesstokens.json .azure/msal_token_cache.json",
  ".cargo/credentials .cargo/credentials.toml .gem/credentials .m2/settings-security.xml .config/rclone/rclone.conf",
);
const openEnvironments = words("example sample template");

/** Formats that are never text. Formats that may be text are left to the look at their bytes. */
const binaryExtensions = words(
  // images
  "png jpg jpeg gif bmp ico icns cur webp avif heic heif tif tiff psd xcf jp2 jxl tga dds exr hdr raw cr2 nef",
  // archives and disk images
  "zip gz tgz bz2 tbz xz txz zst lz lz4 lzma lzo 7z rar tar cab iso dmg img deb rpm apk ipa jar war ear aar whl egg",
  "gem nupkg vsix crx xpi snap appimage cpio ar",
  // fonts
  "ttf otf woff woff2 eot ttc pfb pfm",
  // sound, film and scenes
  "mp3 mp4 m4a m4v mov avi mkv webm ogg oga ogv opus flac wav aac aiff wma wmv flv mpg mpeg mid midi",
  "blend fbx glb 3ds max",
  // objects, programs and compiled code
  "o a so dylib dll exe lib obj ko elf class pyc pyo pyd wasm bc rlib rmeta pdb dwo gch pch node beam dex odex efi sys",
  // documents and data bases
  "pdf doc docx xls xlsx ppt pptx odt ods odp epub mobi djvu sqlite sqlite3 db db3 mdb accdb lockb parquet avro orc",
  "feather arrow npy npz pickle pkl h5 hdf5 onnx pt pth ckpt safetensors gguf tflite mo gmo swf jks",
);

/** Written by package managers: no one looks for code in them, and they are often the largest files of all. */
const lockFiles = words(
  "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock deno.lock composer.lock cargo.lock",
  "gemfile.lock podfile.lock poetry.lock pipfile.lock uv.lock pdm.lock go.sum mix.lock pubspec.lock flake.lock",
);

/** The reason to leave a regular file out by its path and size, if there is one. */
export function skipByName(path: string, bytes: number, maxFileBytes: number): Skip | undefined {
  const folded = path.toLowerCase();
  const name = folded.slice(folded.lastIndexOf("/") + 1);
  if (isSecret(withoutCopyMark(folded), withoutCopyMark(name))) return { reason: "secret" };
  const dot = name.lastIndexOf(".");
  if (dot !== -1 && binaryExtensions.has(name.slice(dot + 1)))
    return { reason: "binary", detail: name.slice(dot) };
  if (lockFiles.has(name)) return { reason: "generated", detail: "lock file" };
  return bytes > maxFileBytes ? { reason: "too_large", detail: `${bytes} bytes` } : undefined;
}

/** A copy of a key is one: marks of editors and of hands are not looked at. Several may stand in a row. */
function withoutCopyMark(path: string): string {
  return path.replace(/(?:~|\.(?:bak|old|orig|backup))+$/, "");
}

function isSecret(path: string, name: string): boolean {
  const dot = name.lastIndexOf(".");
  if (dot !== -1 && secretEndings.has(name.slice(dot))) return true;
  if (secretNames.has(name)) return true;
  if (name.endsWith(".env")) return !openEnvironments.has(name.slice(0, -".env".length));
  if (/^\.env[._-]/.test(name)) return !openEnvironments.has(/[a-z0-9]*$/.exec(name)?.[0] ?? "");
  for (
    let slash = path.lastIndexOf("/");
    slash !== -1;
    slash = slash === 0 ? -1 : path.lastIndexOf("/", slash - 1)
  ) {
    if (secretPaths.has(path.slice(slash + 1))) return true;
  }
  return secretPaths.has(path);
}

/** The reason to leave out what is not a regular file. `full` is its absolute path. */
export function skipByKind(root: string, full: string | Buffer, stats: Stats): Skip | undefined {
  if (stats.isFile()) return undefined;
  return stats.isSymbolicLink() ? classifyLink(root, full) : { reason: "not_a_file" };
}

/** Where a symbolic link leads, without following it for anything but its name. */
export function classifyLink(root: string, full: string | Buffer): Skip {
  try {
    return { reason: isInside(root, realpathSync.native(full)) ? "symlink" : "outside_root" };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return { reason: "unreadable", detail: code === "ELOOP" ? "link loop" : "dangling link" };
  }
}

/** Whether a real path is the root or lies below it: `/a/b-evil` is not in `/a/b`. */
export function isInside(root: string, real: string): boolean {
  return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
}

function words(...lines: string[]): ReadonlySet<string> {
  return new Set(lines.join(" ").split(" "));
}
