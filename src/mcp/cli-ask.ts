/** `cambium search`, `symbol` and `refs`: questions to the index, never a task. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { CambiumError } from "../errors.ts";
import { askCode } from "../indexer/meaning.ts";
import type { Hit } from "../indexer/search.ts";
import { type SymbolKind, symbolKinds } from "../indexer/symbol.ts";
import { findReferences, findSymbol } from "../indexer/symbols.ts";
import { viewDefinitions, viewReferences, viewSearch } from "./answer-json.ts";
import { answerExact } from "./cli-exact.ts";
import type { Session } from "./cli-session.ts";
import { sayEvidence, sayNear } from "./evidence.ts";
import { sayCopies, signatureOf } from "./hits-text.ts";
import { chooseRepository } from "./repository-choice.ts";
import { cleanLines, oneLine, sayTotal, showPath } from "./text.ts";
import { searchModes } from "./tools/search.ts";

interface AskOptions {
  readonly repo?: string;
  readonly path?: string;
  readonly lang?: string;
  readonly kind?: SymbolKind;
  readonly limit?: number;
  readonly cursor?: string;
  readonly exact?: boolean;
  readonly snippets?: boolean;
  readonly mode?: (typeof searchModes)[number];
  readonly ignoreCase?: boolean;
  readonly word?: boolean;
  readonly literal?: boolean;
  readonly multiline?: boolean;
  readonly context?: number;
  readonly timeLimit?: number;
  readonly explain?: boolean;
}

export function addAskCommands(program: Command, session: Session): void {
  addSearchCommand(program, session);
  addSymbolCommand(program, session);
  addRefsCommand(program, session);
}

function addSearchCommand(program: Command, session: Session): void {
  const command = withFilters(program.command("search"), { limit: 20, most: 10_000 })
    .description("find code by words, names or a question in plain words; or lines by a regular expression")
    .argument("<query>", "words that occur in the code; with --mode regex a pattern")
    .addOption(new Option("--mode <mode>", "how to search").choices(searchModes).default("hybrid"))
    .addOption(kindOption())
    .option("--cursor <cursor>", "go on where the page before ended")
    .option("--snippets", "show the code of each hit")
    .option("--explain", "show what put each hit where it stands");
  withPatternOptions(command)
    .addHelpText(
      "after",
      '\nExamples:\n  $ cambium search "retry with backoff"\n  $ cambium search "parse config" --repo flask --path "src/**" --lang python\n  $ cambium search Scheduler --kind class --json\n  $ cambium search --mode regex "func \\(\\w+ \\*?Parser\\)" --context 2\n  $ cambium search --mode regex --literal "a[0] + b" --path "src/**"',
    )
    .action(async (query: string, options: AskOptions) => {
      const { index, scope } = await scopeOf(options, program, session);
      const cursor = options.cursor === undefined ? {} : { cursor: options.cursor };
      if (options.mode === "regex") {
        const request = { query, ...scope, ...languageOf(options), ...cursor, ...patternOf(options) };
        return answerExact(index, request, session);
      }
      refusePatternOptions(options);
      const { openMeaning } = await session.deps(program);
      const answer = await askCode(index, openMeaning, {
        query,
        mode: options.mode ?? "hybrid",
        ...scope,
        ...languageOf(options),
        ...kindOf(options),
        ...cursor,
      });
      const near = sayNear(answer.suggestions);
      const more = answer.nextCursor === null ? "" : `\nMore: --cursor ${answer.nextCursor}`;
      const look = {
        snippets: options.snippets === true,
        explain: options.explain === true,
        nameRepository: answer.evidence.length > 1,
      };
      if (answer.note !== undefined)
        session.note(`${session.colors.err.yellow("note")} ${oneLine(answer.note)}`);
      const words = answer.hits.map((hit) => writeHit(hit, look, session));
      session.answer(
        viewSearch(answer, options.explain === true),
        words.length === 0 ? `Nothing found.${near === undefined ? "" : ` ${near}`}` : words.join("\n"),
      );
      if (words.length > 0 && near !== undefined) session.note(near);
      session.note(`${sayTotal(answer, "hit")} ${sayEvidence(answer.evidence)}${more}`);
    });
}

function addSymbolCommand(program: Command, session: Session): void {
  withFilters(program.command("symbol"), { limit: 20, most: 200 })
    .description("find where a symbol is defined, by its name or a path such as Class.method")
    .argument("<name>", "equal names first, else names that begin so, else near ones")
    .addOption(kindOption())
    .option("--exact", "only equal names")
    .addHelpText(
      "after",
      "\nExamples:\n  $ cambium symbol parseConfig\n  $ cambium symbol Parser.parse --exact --json\n  $ cambium symbol Task --kind interface --repo api",
    )
    .action(async (name: string, options: AskOptions) => {
      const { index, scope } = await scopeOf(options, program, session);
      const match = options.exact === true ? ("exact" as const) : ("any" as const);
      const answer = findSymbol(index, { name, match, ...scope, ...languageOf(options), ...kindOf(options) });
      const document = viewDefinitions(answer);
      const { cyan, bold } = session.colors.out;
      const words = document.definitions.map((found) => {
        const full = oneLine(found.parent === "" ? found.name : `${found.parent}.${found.name}`);
        return `${cyan(showPath(found.path))}:${found.line}  ${found.kind} ${bold(full)}\n    ${oneLine(found.signature)}`;
      });
      session.answer(document, words.length === 0 ? "No such definition." : words.join("\n"));
      session.note(
        `${sayTotal(answer, "definition")}, ${answer.match} match ${sayEvidence(answer.evidence)}`,
      );
    });
}

function addRefsCommand(program: Command, session: Session): void {
  withFilters(program.command("refs"), { limit: 100, most: 500, language: false })
    .description("find where a name is used; two symbols of one name are not told apart")
    .argument("<name>", "the bare name")
    .addHelpText(
      "after",
      "\nExamples:\n  $ cambium refs parseConfig\n  $ cambium refs Task --repo api --path 'src/**' --json",
    )
    .action(async (name: string, options: AskOptions) => {
      const { index, scope } = await scopeOf(options, program, session);
      const answer = findReferences(index, { name, ...scope });
      const document = viewReferences(answer);
      const { cyan, dim } = session.colors.out;
      const words = document.references.map(
        (found) =>
          `${cyan(showPath(found.path))}:${found.line}:${found.column}  ${found.role}${found.enclosing === null ? "" : dim(` in ${found.enclosing.kind} ${oneLine(found.enclosing.name)}`)}`,
      );
      session.answer(document, words.length === 0 ? "No use of this name." : words.join("\n"));
      session.note(`${sayTotal(answer, "use")} ${sayEvidence(answer.evidence)}`);
    });
}

interface FilterRange {
  readonly limit: number;
  readonly most: number;
  readonly language?: boolean;
}

function withFilters(command: Command, { limit, most, language = true }: FilterRange): Command {
  command
    .option("--repo <repository>", "name or path; default: the one around the current folder, else all")
    .option("--path <glob>", "only these paths, for example 'src/**/*.ts'");
  if (language) command.option("--lang <language>", "only this language, for example python");
  return command
    .addOption(new Option("--limit <n>", "at most so many").argParser(wholeNumber(1, most)).default(limit))
    .option("--json", "print one JSON document");
}

function withPatternOptions(command: Command): Command {
  const only = "with --mode regex:";
  return command
    .option("-i, --ignore-case", `${only} capital and small letters are the same`)
    .option("-w, --word", `${only} a match begins and ends at the edge of a word`)
    .option("-F, --literal", `${only} the pattern is text, not an expression`)
    .option("-U, --multiline", `${only} a match may span lines`)
    .addOption(
      new Option("-C, --context <n>", `${only} lines shown around each hit`).argParser(wholeNumber(0, 20)),
    )
    .addOption(
      new Option("--time-limit <ms>", `${only} answer with what was found by then (default: 5000)`).argParser(
        wholeNumber(1, 60_000),
      ),
    );
}

/** Throws `invalid_argument` for a filter that a pattern cannot have. */
function patternOf({ kind, ignoreCase, word, literal, multiline, context, timeLimit }: AskOptions) {
  if (kind !== undefined) {
    throw new CambiumError(
      "invalid_argument",
      "--kind goes with --mode lexical: a pattern matches lines, not symbols.",
    );
  }
  return {
    ignoreCase: ignoreCase === true,
    word: word === true,
    literal: literal === true,
    multiline: multiline === true,
    context: context ?? 0,
    ...(timeLimit === undefined ? {} : { timeLimitMs: timeLimit }),
  };
}

const patternOptions = ["ignoreCase", "word", "literal", "multiline", "context", "timeLimit"] as const;

function refusePatternOptions(options: AskOptions): void {
  if (patternOptions.every((name) => options[name] === undefined)) return;
  throw new CambiumError(
    "invalid_argument",
    "-i, -w, -F, -U, -C and --time-limit go with --mode regex: add it, or leave them out.",
  );
}

function kindOption(): Option {
  return new Option("--kind <kind>", "only this kind of symbol").choices(symbolKinds);
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

async function scopeOf(options: AskOptions, program: Command, session: Session) {
  const { index, cwd } = await session.deps(program);
  const { chosen } = chooseRepository(index, options.repo, cwd);
  const scope = {
    ...(chosen === undefined ? {} : { repository: chosen.repository }),
    ...(options.path === undefined ? {} : { path: options.path }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  };
  return { index, scope };
}

const languageOf = ({ lang }: AskOptions) => (lang === undefined ? {} : { language: lang });
const kindOf = ({ kind }: AskOptions) => (kind === undefined ? {} : { kind });

interface HitLook {
  readonly snippets: boolean;
  readonly explain: boolean;
  readonly nameRepository: boolean;
}

function writeHit(hit: Hit, { snippets, explain, nameRepository }: HitLook, { colors }: Session): string {
  const { cyan, bold, dim } = colors.out;
  const where = `${cyan(showPath(hit.path))}:${hit.startLine}-${hit.endLine}`;
  const what = hit.name === "" ? hit.kind : `${hit.kind} ${bold(oneLine(hit.name))}`;
  const score = explain ? `\n    ${dim(sayScore(hit))}` : "";
  const copies = hit.copies.length === 0 ? "" : `  ${dim(sayCopies(hit))}`;
  const title = `${where}  ${what}${nameRepository ? dim(`  ${hit.repository}`) : ""}${copies}${score}`;
  if (snippets) {
    return [
      title,
      ...cleanLines(hit.snippet.trimEnd()).map((line) => (line === "" ? "" : `    ${line}`)),
    ].join("\n");
  }
  const line = signatureOf(hit);
  return line === "" ? title : `${title}\n    ${line}`;
}

/** The rules that gave or took something, and the sum. */
function sayScore({ explain }: Hit): string {
  const told = explain.filter(({ value }) => Math.abs(value) >= 0.005);
  const sum = explain.reduce((total, { value }) => total + value, 0);
  return `${sum.toFixed(2)} = ${told.map(({ rule, value }) => `${rule} ${value.toFixed(2)}`).join(", ")}`;
}
