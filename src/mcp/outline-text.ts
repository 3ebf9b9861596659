/** Outlines and summaries in words: the shortest form that fits a budget of bytes, saying what was left out. */
import type { DatedSummary, FileOutline, FolderOutline, Share, SymbolPlace } from "../indexer/overview.ts";
import type { Definition, SymbolKind } from "../indexer/symbol.ts";
import { fenced, grouped, oneLine, plural, sayBytes, showPath } from "./text.ts";

const signatureLimit = 140;
const minorKinds: ReadonlySet<SymbolKind> = new Set([
  "variable",
  "constant",
  "field",
  "property",
  "enum_member",
  "event",
]);

interface Form {
  readonly leavesOut: string;
  keeps(definition: Definition, depth: number): boolean;
  say(definition: Definition): string;
}

const isMain = ({ kind }: Definition) => !minorKinds.has(kind);
const sayShortly = ({ kind, name }: Definition) => `${kind} ${oneLine(name, 120)}`;
const sayWhole = (definition: Definition) =>
  definition.signature === "" ? sayShortly(definition) : oneLine(definition.signature, signatureLimit);

/** From the fullest to the shortest. */
const forms: readonly Form[] = [
  { leavesOut: "", keeps: () => true, say: sayWhole },
  { leavesOut: "members and variables", keeps: isMain, say: sayWhole },
  { leavesOut: "members, variables and signatures", keeps: isMain, say: sayShortly },
  {
    leavesOut: "everything inside other symbols, and signatures",
    keeps: (definition, depth) => depth === 0 && isMain(definition),
    say: sayShortly,
  },
];

/** A file's symbols by line, those inside others indented. */
export function writeFileOutline(outline: FileOutline, budget: number): string {
  const { path, language, bytes, definitions, skip, isPending } = outline;
  const facts = [language ?? "not read", sayBytes(bytes), plural(definitions.length, "symbol")];
  const head = `${showPath(path)} (${facts.join(", ")})`;
  if (skip !== null) return `${head}\nIt is not indexed: ${skip.reason}.`;
  const notes = isPending ? ["It is about to be read (again)."] : [];
  if (definitions.length === 0) return [head, ...notes, "No symbols."].join("\n");
  for (const form of forms) {
    const lines = writeDefinitions(definitions, form);
    const left = form.leavesOut === "" ? [] : [`Left out for length: ${form.leavesOut}.`];
    const text = [head, ...notes, ...lines, ...left].join("\n");
    if (Buffer.byteLength(text) <= budget) return text;
  }
  const shortest = forms.at(-1) as Form;
  return [head, ...notes, ...cutLines(writeDefinitions(definitions, shortest), budget)].join("\n");
}

function writeDefinitions(definitions: readonly Definition[], form: Form): string[] {
  return definitions.flatMap((definition) => {
    const depth = definition.parent === "" ? 0 : definition.parent.split(".").length;
    if (!form.keeps(definition, depth)) return [];
    const { startLine, endLine } = definition;
    const range = startLine === endLine ? `${startLine}` : `${startLine}-${endLine}`;
    return `${"  ".repeat(1 + Math.min(depth, 6))}${range} ${form.say(definition)}`;
  });
}

/** A folder's entries; `namesOf` tells what a file of it defines, asked only for those that are shown. */
export function writeFolderOutline(
  { path, folders, files }: FolderOutline,
  namesOf: (path: string) => readonly string[],
  budget: number,
): string {
  const sum = (pick: (entry: { bytes: number; symbols: number }) => number) =>
    [...folders, ...files].reduce((all, entry) => all + pick(entry), 0);
  const read = files.filter(({ skip }) => skip === null).length;
  const fileCount = folders.reduce((all, { files: inside }) => all + inside, read);
  const skipped = folders.reduce((all, one) => all + one.skipped, files.length - read);
  const facts = [
    plural(fileCount, "file"),
    sayBytes(sum((entry) => entry.bytes)),
    plural(
      sum((entry) => entry.symbols),
      "symbol",
    ),
    ...(skipped > 0 ? [`${grouped(skipped)} more not indexed`] : []),
  ];
  const head = `${path === "" ? "." : showPath(path)}/ (${facts.join(", ")})`;
  const lines = folders.map(
    ({ name, files: inside, bytes, language }) =>
      `  ${showPath(name)}/ ${[plural(inside, "file"), sayBytes(bytes), ...(language === null ? [] : [language])].join(", ")}`,
  );
  const shown: string[] = [];
  let left = budget - Buffer.byteLength([head, ...lines].join("\n"));
  for (const { name, bytes, skip } of files) {
    if (left <= 0) break;
    const names = skip === null ? namesOf(path === "" ? name : `${path}/${name}`) : [];
    const said = skip === null ? sayBytes(bytes) : `not indexed: ${skip}`;
    const line = `  ${showPath(name)} ${said}${names.length === 0 ? "" : `: ${names.map((one) => oneLine(one, 60)).join(", ")}`}`;
    shown.push(line);
    left -= Buffer.byteLength(line) + 1;
  }
  const hidden = files.length - shown.length;
  const more = hidden > 0 ? [`  … ${plural(hidden, "more file")} beside these`] : [];
  return [head, ...cutLines([...lines, ...shown], budget), ...more].join("\n");
}

/** As many lines as fit; the last one counts the rest. */
function cutLines(lines: readonly string[], budget: number): string[] {
  let bytes = 0;
  const kept = lines.findIndex((line) => {
    bytes += Buffer.byteLength(line) + 1;
    return bytes > budget;
  });
  if (kept < 0) return [...lines];
  return [...lines.slice(0, kept), `  … ${lines.length - kept} more: raise max_tokens, or ask for a part`];
}

const sharesShown = 6;

/** What a repository is, in a few lines; text out of its files stands in a fence. */
export function writeSummary(summary: DatedSummary): string {
  const { languages, entryPoints, largest, mostUsed, counted, readme } = summary;
  const all = languages.reduce((sum, { bytes }) => sum + bytes, 0);
  const sample = counted.files < counted.of ? ` (counted in ${counted.files} of ${counted.of} files)` : "";
  return [
    `Languages: ${languages
      .slice(0, sharesShown)
      .map((one) => sayShare(one, all))
      .join(", ")}`,
    ...sayList(
      "Entry points",
      entryPoints.map(
        ({ path, line, why }) => `${showPath(path)}${line === null ? "" : `:${line}`} (${oneLine(why, 80)})`,
      ),
    ),
    ...sayList(
      `Most used${sample}`,
      mostUsed.map((place) => `${sayPlace(place)} in ${plural(place.files, "file")}`),
    ),
    ...sayList(
      "Largest",
      largest.map((place) => `${sayPlace(place)}, ${plural(place.lines, "line")}`),
    ),
    ...(readme === null || readme.lines.length === 0
      ? []
      : [
          `${showPath(readme.path)} begins (file content):`,
          fenced(readme.lines.map((line) => oneLine(line))),
        ]),
  ].join("\n");
}

function sayShare({ name, files, bytes }: Share, all: number): string {
  return `${name} ${Math.round((100 * bytes) / Math.max(1, all))} % (${plural(files, "file")})`;
}

function sayPlace({ name, kind, path, line }: SymbolPlace): string {
  return `${kind} ${oneLine(name, 80)} ${showPath(path)}:${line}`;
}

function sayList(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${title}: ${items.join("; ")}`];
}

/** For JSON: the same keys at every door, every text cleaned. */
export function viewSummary(summary: DatedSummary) {
  const { generation, languages, folders, entryPoints, largest, mostUsed, counted, readme } = summary;
  const clean = <Place extends SymbolPlace>(place: Place): Place => ({
    ...place,
    name: oneLine(place.name),
    path: showPath(place.path),
  });
  return {
    generation,
    languages,
    folders: folders.map((one) => ({ ...one, name: showPath(one.name) })),
    entry_points: entryPoints.map((one) => ({ ...one, path: showPath(one.path), why: oneLine(one.why) })),
    largest: largest.map(clean),
    most_used: mostUsed.map(clean),
    counted,
    readme:
      readme === null
        ? null
        : { path: showPath(readme.path), file_content: readme.lines.map((line) => oneLine(line, 240)) },
  };
}
