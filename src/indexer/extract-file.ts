/** Everything that is derived from one file's text, in one call: definitions, references and chunks. */
import { chunkBytesOpen, chunkLines, paragraphCuts } from "./chunk.ts";
import { treeCuts } from "./chunk-tree.ts";
import { largeText } from "./classify.ts";
import { CLASSIFIER_VERSION } from "./classify-text.ts";
import { extractTags } from "./extract.ts";
import { type EmbeddedText, findEmbedded } from "./extract-embedded.ts";
import { extractNotebook } from "./extract-notebook.ts";
import { hash32, type LanguageSpec, languages, readersOf } from "./languages.ts";
import { type InnerLayer, type Layer, mergeLayers } from "./layer.ts";
import { loadGrammar, type ParseLimits, parseSource } from "./parse.ts";
import { countParseErrors } from "./parse-errors.ts";
import type { Extract } from "./pipeline.ts";
import { readSourceText, type SourceText } from "./source-text.ts";
import type { Extraction } from "./symbol.ts";

/** Goes up with every change of code that changes what is extracted from the same text. */
export const EXTRACTOR_VERSION = 4;
/** Goes up when large texts are cut into other parts, or masked otherwise. */
const LARGE_TEXT_VERSION = "2";

export const extractFile: Extract = async (text, languageId, options) => {
  const source = readSourceText(text);
  const spec = languages().get(languageId);
  if (spec === undefined) return plainExtraction(source);
  const time: Time = { leftMs: options.parseLimitMs };
  if (spec.isNotebook) {
    const readCell = (cell: SourceText, language: string) => readLayers(cell, language, time);
    return (await extractNotebook(source, readCell)) ?? plainExtraction(source);
  }
  const { definitions, references, nameStarts, cuts, parseErrors } = await readLayers(
    source,
    languageId,
    time,
  );
  const chunks = chunkLines(source, cuts ?? paragraphCuts(source), nameStarts);
  return { definitions, references, chunks, parseErrors };
};

/** What is left of a file's time for all texts in it. */
interface Time {
  leftMs: number;
}

/** A page in a page in a page is read; what is deeper in is text. */
const depthMax = 3;

/** What the language sees of the text or of its `ranges`, and what the languages of the texts in it see of these. */
async function readLayers(
  source: SourceText,
  languageId: string,
  time: Time,
  ranges?: EmbeddedText["ranges"],
  depth = 1,
): Promise<Layer> {
  // A grammar that is new to this process takes its time, which is no file's.
  await loadGrammar(languageId);
  const start = performance.now();
  const parseLimitMs = Math.max(0, time.leftMs);
  const limits: ParseLimits = ranges === undefined ? { parseLimitMs } : { parseLimitMs, ranges };
  const { layer, embedded } = await parseSource(
    source.text,
    languageId,
    limits,
    ({ tree, matches, checkTime }, grammar) => {
      const { definitions, references, nameStarts } = extractTags(source, matches, grammar, checkTime);
      const definitionRows = new Set(definitions.map(({ startLine }) => startLine - 1));
      // A small text inside of another is not cut: its outer one's cuts are around it.
      const isCut =
        ranges === undefined || tree.rootNode.endIndex - tree.rootNode.startIndex > chunkBytesOpen;
      const cuts = isCut ? treeCuts(source, tree, definitionRows) : undefined;
      return {
        layer: { definitions, references, nameStarts, cuts, parseErrors: countParseErrors(tree) },
        embedded: depth < depthMax ? findEmbedded(matches, grammar) : [],
      };
    },
  );
  time.leftMs -= performance.now() - start;
  const inner: InnerLayer[] = [];
  for (const text of embedded) {
    const found = await readLayers(source, text.language, time, text.ranges, depth + 1);
    inner.push({ ...found, startByte: source.toByte(text.ranges[0]?.startIndex ?? 0) });
  }
  return mergeLayers(layer, inner);
}

function plainExtraction(source: SourceText): Extraction {
  const chunks = chunkLines(source, paragraphCuts(source), []);
  return { definitions: [], references: [], chunks, parseErrors: 0 };
}

const versions = new Map<string, number>();

/**
 * A stable 32-bit number that changes when a language's files would be extracted differently: by other code, another
 * query or description, or another grammar. Where another language claims some of its files (C++ some headers), it
 * changes with that one too: the scan knows only a file's name, and has to see that such a file is out of date.
 */
export function extractorVersion(languageId: string): number {
  let version = versions.get(languageId);
  if (version === undefined) {
    const readers = readersOf(languageId);
    const mayHoldAny = readers.some((id) => holdsOthers(languages().get(id)));
    const involved = mayHoldAny ? [languageId, ...languages().keys()] : readers;
    const fingerprints = involved.map((id) => String(languages().get(id)?.fingerprint ?? 0));
    const large = languageId === largeText ? [largeText, LARGE_TEXT_VERSION] : [];
    version = hash32(String(EXTRACTOR_VERSION), String(CLASSIFIER_VERSION), ...fingerprints, ...large);
    versions.set(languageId, version);
  }
  return version;
}

/** Whether texts in any other language may stand in a language's files. */
function holdsOthers(spec: LanguageSpec | undefined): boolean {
  return spec !== undefined && (spec.isNotebook || spec.tags.includes("@embedded"));
}
