/** Everything that is derived from one file's text, in one call: definitions, references and chunks. */
import { chunkLines, paragraphCuts } from "./chunk.ts";
import { treeCuts } from "./chunk-tree.ts";
import { CLASSIFIER_VERSION } from "./classify-text.ts";
import { extractTags } from "./extract.ts";
import { hash32, languages, readersOf } from "./languages.ts";
import { parseSource } from "./parse.ts";
import { countParseErrors } from "./parse-errors.ts";
import type { Extract } from "./pipeline.ts";
import { readSourceText, type SourceText } from "./source-text.ts";
import type { Extraction } from "./symbol.ts";

/** Goes up with every change of code that changes what is extracted from the same text. */
export const EXTRACTOR_VERSION = 3;

export const extractFile: Extract = async (text, languageId, options) => {
  const source = readSourceText(text);
  if (!languages().has(languageId)) return plainExtraction(source);
  return parseSource(text, languageId, options, ({ tree, matches, checkTime }, grammar) => {
    const { definitions, references, nameStarts } = extractTags(source, matches, grammar, checkTime);
    const definitionRows = new Set(definitions.map(({ startLine }) => startLine - 1));
    const chunks = chunkLines(source, treeCuts(source, tree, definitionRows), nameStarts);
    return { definitions, references, chunks, parseErrors: countParseErrors(tree) };
  });
};

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
    const fingerprints = readersOf(languageId).map((id) => String(languages().get(id)?.fingerprint ?? 0));
    version = hash32(String(EXTRACTOR_VERSION), String(CLASSIFIER_VERSION), ...fingerprints);
    versions.set(languageId, version);
  }
  return version;
}
