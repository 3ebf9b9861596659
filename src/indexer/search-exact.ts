/** Searching text exactly: where a regular expression or a literal matches, in the order of paths and lines. */
import { CambiumError } from "../errors.ts";
import { checkedLimit, chosenRepositories, stampQuestion, strangeCursor } from "./answering.ts";
import { linesOf, type ShownLines, showLines } from "./matched-lines.ts";
import { compilePattern, type Pattern, type PatternOptions } from "./pattern.ts";
import type { Evidence, IndexStore, StoredText, TextStore } from "./store.ts";

export interface ExactRequest extends PatternOptions {
  readonly query: string;
  /** A name as in `repositories()`; all repositories where it is missing. */
  readonly repository?: string;
  /** Glob over the relative path. */
  readonly path?: string;
  readonly language?: string;
  /** Lines shown before and after each hit, 0 to 20; none where it is missing. */
  readonly context?: number;
  /** Hits a page, 1 to 10,000; 10 where it is missing. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  /** What was found by then is answered, 1 to 60,000; 5000 where it is missing. */
  readonly timeLimitMs?: number;
}

/** Lines with a match, as they were indexed. Lines count from 1 and are inclusive; very long ones are cut. */
export interface ExactHit extends ShownLines {
  readonly repository: string;
  readonly path: string;
  readonly language: string;
  readonly startLine: number;
  readonly endLine: number;
}

export interface ExactAnswer {
  readonly hits: readonly ExactHit[];
  /** Hits up to the end of what was looked at, with those of the pages before. */
  readonly total: number;
  /** Whether counting stopped there: there may be more than `total`. */
  readonly totalCapped: boolean;
  readonly nextCursor: string | null;
  readonly evidence: readonly Evidence[];
  /** Set when not all that was to be looked at was looked at: in words, with what to do. */
  readonly partial: string | null;
}

/** A page tells how many hits there are at least up to this number; it does not look for more. */
const countedMax = 1000;
const timeLimitMs = 5000;
/** So long others have to wait at most for their turn on the event loop. */
const turnMs = 20;

/**
 * Throws `invalid_argument` for a pattern that cannot be searched for, options out of range, or a cursor of another
 * question or generation, `not_found` for an unknown repository, and what `signal` was aborted with.
 */
export async function searchExact(
  store: IndexStore,
  request: ExactRequest,
  signal?: AbortSignal,
): Promise<ExactAnswer> {
  const limit = checkedLimit(request.limit, 10, 10_000);
  checkRange("context", request.context ?? 0, 0, 20);
  checkRange("timeLimitMs", request.timeLimitMs ?? timeLimitMs, 1, 60_000);
  if (request.query === "") throw new CambiumError("invalid_argument", "query must not be empty.");
  const evidence = chosenRepositories(store, request.repository);
  const stamp = stampOf(request, evidence);
  const from = request.cursor === undefined ? undefined : readCursor(request.cursor, stamp);
  const pattern = await compilePattern(request.query, request);
  try {
    const run = new ExactRun(store, request, pattern, limit, from);
    await run.look(evidence, signal);
    return run.answer(evidence, stamp);
  } finally {
    pattern.free();
  }
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new CambiumError(
    "invalid_argument",
    `${name} must be a whole number from ${least} to ${most}, not ${value}.`,
  );
}

/** Where a page goes on: behind so many hits of a file, which may be none. */
interface Place {
  readonly repository: string;
  readonly path: string;
  readonly skip: number;
  /** Hits of all pages before. */
  readonly before: number;
}

class ExactRun {
  readonly #store: TextStore;
  readonly #request: ExactRequest;
  readonly #pattern: Pattern;
  readonly #limit: number;
  readonly #from: Place | undefined;
  readonly #deadline: number;
  readonly #hits: ExactHit[] = [];
  #counted = 0;
  /** The first hit that did not fit the page, or where looking stopped. */
  #next: Omit<Place, "before"> | undefined;
  #isCapped = false;
  #isLate = false;
  #cutFiles = 0;

  constructor(
    store: TextStore,
    request: ExactRequest,
    pattern: Pattern,
    limit: number,
    from: Place | undefined,
  ) {
    this.#store = store;
    this.#request = request;
    this.#pattern = pattern;
    this.#limit = limit;
    this.#from = from;
    this.#deadline = performance.now() + (request.timeLimitMs ?? timeLimitMs);
  }

  async look(evidence: readonly Evidence[], signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    let turnEnds = performance.now() + turnMs;
    for (const { repository } of evidence) {
      const from = this.#from;
      const isFirst = repository === from?.repository;
      if (from !== undefined && !isFirst && repository < from.repository) continue;
      for (const text of this.#store.texts(repository, this.#pattern.trigrams, this.#filterFrom(isFirst))) {
        const now = performance.now();
        if (now > this.#deadline || this.#counted >= Math.max(countedMax, this.#limit + 1)) {
          this.#stop({ repository, path: text.path, skip: 0 }, now > this.#deadline);
          return;
        }
        this.#lookAt(repository, text, isFirst && text.path === from?.path ? from.skip : 0);
        if (performance.now() > turnEnds) {
          await new Promise((resolve) => setImmediate(resolve));
          signal?.throwIfAborted();
          turnEnds = performance.now() + turnMs;
        }
      }
    }
  }

  #filterFrom(isFirst: boolean) {
    const { path, language } = this.#request;
    return {
      onOneLine: this.#pattern.onOneLine,
      ...(path === undefined ? {} : { path }),
      ...(language === undefined ? {} : { language }),
      ...(isFirst && this.#from !== undefined ? { from: this.#from.path } : {}),
    };
  }

  #stop(place: Omit<Place, "before">, isLate: boolean): void {
    this.#next ??= place;
    this.#isCapped = true;
    this.#isLate = isLate;
  }

  #lookAt(repository: string, { path, language, utf8 }: StoredText, skip: number): void {
    const most = skip + Math.max(countedMax, this.#limit + 1);
    const { spans, isCut } = this.#pattern.find(utf8, most, () => performance.now() > this.#deadline);
    if (isCut) this.#cutFiles += 1;
    if (spans.length >= most) this.#isCapped = true;
    for (const [index, range] of linesOf(utf8, spans).entries()) {
      if (index < skip) continue;
      this.#counted += 1;
      if (this.#hits.length < this.#limit) {
        const { startLine, endLine } = range;
        const shown = showLines(utf8, range, this.#request.context ?? 0);
        this.#hits.push({ repository, path, language, startLine, endLine, ...shown });
      } else {
        this.#next ??= { repository, path, skip: index };
      }
    }
  }

  answer(evidence: readonly Evidence[], stamp: string): ExactAnswer {
    const before = this.#from?.before ?? 0;
    const next = this.#next;
    return {
      hits: this.#hits,
      total: before + this.#counted,
      totalCapped: this.#isCapped || this.#cutFiles > 0,
      nextCursor:
        next === undefined ? null : writeCursor({ ...next, before: before + this.#hits.length }, stamp),
      evidence,
      partial: this.#sayPartial(),
    };
  }

  #sayPartial(): string | null {
    const said: string[] = [];
    if (this.#isLate)
      said.push(
        "The time limit was reached: narrow the pattern, path or language, or go on with the cursor.",
      );
    if (this.#cutFiles > 0)
      said.push(
        `The pattern is too costly for ${this.#cutFiles} large files, which were not read to their end.`,
      );
    return said.length === 0 ? null : said.join(" ");
  }
}

function stampOf(request: ExactRequest, evidence: readonly Evidence[]): string {
  const { query, repository, path, language, literal, ignoreCase, word, multiline } = request;
  const asked = ["exact", query, repository, path, language, literal, ignoreCase, word, multiline];
  return stampQuestion(asked, evidence);
}

function writeCursor({ repository, path, skip, before }: Place, stamp: string): string {
  return Buffer.from(JSON.stringify([stamp, repository, path, skip, before])).toString("base64url");
}

const placeShape = /^\["([^"\\]*)","/;

function readCursor(cursor: string, stamp: string): Place {
  const text = Buffer.from(cursor, "base64url").toString();
  if (placeShape.exec(text)?.[1] === stamp) {
    const read = parsePlace(text);
    if (read !== undefined) return read;
  }
  throw strangeCursor();
}

function parsePlace(text: string): Place | undefined {
  try {
    const [, repository, path, skip, before] = JSON.parse(text) as unknown[];
    if (typeof repository !== "string" || typeof path !== "string") return undefined;
    if (typeof skip !== "number" || typeof before !== "number") return undefined;
    return { repository, path, skip, before };
  } catch {
    return undefined;
  }
}
