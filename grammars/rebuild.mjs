/**
 * Makes the grammars that lie in this folder anew from their npm packages and proves that their bytes are what
 * `language.json` says: `node grammars/rebuild.mjs [language …]`. A package that ships WebAssembly is unpacked; for the
 * others Debian 12's compiler is needed (`apt-get install clang lld wasi-libc`). With `--write` it stores what it made
 * and its checksum, which is how a grammar is added or moved to another version.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const write = process.argv.includes("--write");
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** `replace` mends one line of the package's source: the scanner of Swift allocates nothing for its state. */
function build(folder, { name, replace }) {
  if (replace !== undefined) {
    const path = join(folder, replace.file);
    const source = readFileSync(path, "utf8");
    if (!source.includes(replace.text)) throw new Error(`${replace.file} of ${name} holds no "${replace.text}"`);
    writeFileSync(path, source.replace(replace.text, replace.by));
  }
  const flags = "--target=wasm32-unknown-emscripten -D__wasi__ -isystem /usr/include/wasm32-wasi -fPIC -Os -std=c11";
  const objects = ["parser", "scanner"].filter((part) => existsSync(join(folder, "src", `${part}.c`)));
  for (const part of objects) {
    const files = ["-I", "src", "-c", `src/${part}.c`, "-o", `${part}.o`];
    execFileSync("clang", [...flags.split(" "), "-fvisibility=hidden", ...files], { cwd: folder });
  }
  const link = ["-shared", "--experimental-pic", `--export=tree_sitter_${name}`, "--allow-undefined", "--no-entry"];
  const made = objects.map((part) => `${part}.o`);
  execFileSync("wasm-ld", [...link, "--strip-all", ...made, "-o", "made.wasm"], { cwd: folder });
  return readFileSync(join(folder, "made.wasm"));
}

function make({ npm, take, build: order }) {
  const folder = mkdtempSync(join(tmpdir(), "cambium-grammar-"));
  try {
    const packed = execFileSync("npm", ["pack", npm, "--silent"], { cwd: folder, encoding: "utf8" }).trim();
    execFileSync("tar", ["xzf", packed.split("\n").at(-1), "--strip-components=1"], { cwd: folder });
    return take ? readFileSync(join(folder, take)) : build(join(folder, order.folder), order);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let wrong = 0;
const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
for (const { name } of folders) {
  const path = join(here, name, "language.json");
  const text = readFileSync(path, "utf8");
  const { grammar } = JSON.parse(text);
  if (grammar.npm === undefined || (wanted.length > 0 && !wanted.includes(name))) continue;
  const stored = join(here, name, grammar.file);
  const bytes = make(grammar);
  if (write) {
    const best = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
    writeFileSync(stored, brotliCompressSync(bytes, { params: best }));
    writeFileSync(path, text.replace(/"sha256": "[^"]*"/, `"sha256": "${sha256(bytes)}"`));
  }
  const kept = sha256(brotliDecompressSync(readFileSync(stored)));
  const isRight = kept === sha256(bytes) && (write || kept === grammar.sha256);
  if (!isRight) wrong += 1;
  process.stdout.write(`${isRight ? "equal" : "DIFFERS"} ${name} ${grammar.npm} ${bytes.length} bytes\n`);
}
process.exitCode = wrong === 0 ? 0 : 1;
