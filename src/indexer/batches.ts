/** Cuts the files that are to be read into batches, one of which is one job. It knows names and sizes, nothing else. */
import type { PendingFile } from "./store.ts";

/** Some pending files. The paths `first` to `last`, in the store's order, hold them all, and others where `runs` is set. */
export interface Batch {
  readonly first: string;
  readonly last: string;
  readonly runs?: readonly LanguageRun[];
}

/** All files of a language, or those from one path to another by code units, both included. */
export type LanguageRun = {
  readonly language: string;
  readonly first?: string;
  readonly last?: string;
};

export function isInBatch({ runs }: Batch, path: string, language: string): boolean {
  const isIn = ({ first = path, last = path }: LanguageRun) => first <= path && path <= last;
  return runs?.some((run) => run.language === language && isIn(run)) ?? true;
}

const batchBytesMax = 1_500_000;
const batchBytesMin = 100_000;
const batchFilesMax = 256;

interface Language {
  readonly name: string;
  bytes: number;
  files: number;
}

interface Placed {
  readonly file: PendingFile;
  readonly language: Language;
  /** Its place in the store's order. */
  readonly at: number;
}

/**
 * Cuts pending files, given in the store's order, into batches that grow smaller towards the end. With even ones the
 * first process that finds no more stood idle for half a batch: a twentieth of the time on prometheus with two
 * processes. The languages with the least text come first, and one that fits into a batch is not parted, so that seldom
 * two processes make the same one of them ready: a query takes up to 0.2 s to compile. Of the large batches those with the most hot files come first.
 */
export function cutBatches(
  pending: readonly PendingFile[],
  concurrency: number,
  languageOf: (path: string) => string,
  hot: ReadonlySet<string> = new Set(),
): Batch[] {
  const order = orderByLanguage(pending, languageOf);
  let left = pending.reduce((sum, file) => sum + file.bytes, 0);
  const large: { readonly batch: Batch; readonly heat: number }[] = [];
  const batches: Batch[] = [];
  let first = 0;
  let bytes = 0;
  const enough = () => Math.min(batchBytesMax, Math.max(batchBytesMin, left / (concurrency * 2)));
  const close = (end: number) => {
    const placed = order.slice(first, end);
    const batch = batchOf(placed, pending);
    if (enough() < batchBytesMax) batches.push(batch);
    else large.push({ batch, heat: placed.filter(({ file }) => hot.has(file.path)).length });
    left -= bytes;
    first = end;
    bytes = 0;
  };
  for (const [index, { file, language }] of order.entries()) {
    const isNext = index > first && order[index - 1]?.language !== language;
    const fits = (files: number, size: number) => files <= batchFilesMax && size <= enough();
    if (isNext && fits(language.files, language.bytes)) {
      if (!fits(index - first + language.files, bytes + language.bytes)) close(index);
    }
    bytes += file.bytes;
    const isFull = bytes >= enough() || index - first + 1 === batchFilesMax;
    if (isFull || index === order.length - 1) close(index + 1);
  }
  large.sort((a, b) => b.heat - a.heat);
  return [...large.map(({ batch }) => batch), ...batches];
}

function orderByLanguage(
  pending: readonly PendingFile[],
  languageOf: (path: string) => string,
): readonly Placed[] {
  const languages = new Map<string, Language>();
  const placed = pending.map((file, at): Placed => {
    const name = languageOf(file.path);
    const language = languages.get(name) ?? { name, bytes: 0, files: 0 };
    languages.set(name, language);
    language.bytes += file.bytes;
    language.files += 1;
    return { file, language, at };
  });
  return placed.sort(
    (a, b) =>
      a.language.bytes - b.language.bytes ||
      compare(a.language.name, b.language.name) ||
      compare(a.file.path, b.file.path),
  );
}

/** A long path is named for the one or two languages that go on in other batches only: a payload has its limit. */
function batchOf(placed: readonly Placed[], pending: readonly PendingFile[]): Batch {
  const runs: LanguageRun[] = [];
  let start = pending.length;
  let end = 0;
  for (let from = 0; from < placed.length; ) {
    const { language, file } = placed[from] as Placed;
    let to = from;
    while (placed[to + 1]?.language === language) to += 1;
    const last = placed[to]?.file.path ?? "";
    const isWhole = to - from + 1 === language.files;
    runs.push({ language: language.name, ...(isWhole ? {} : { first: file.path, last }) });
    from = to + 1;
  }
  for (const { at } of placed) {
    start = Math.min(start, at);
    end = Math.max(end, at);
  }
  const pathAt = (at: number) => pending[at]?.path ?? "";
  return { first: pathAt(start), last: pathAt(end), runs };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
