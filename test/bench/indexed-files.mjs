/** The files of a folder that an index reads (not skipped by name, size or content), each with its language id. */
import { languageOf, languageOfText } from "../../dist/indexer/languages.js";
import { readSource } from "../../dist/indexer/read-file.js";
import { scanRepository } from "../../dist/indexer/scan.js";

const limits = { maxFileBytes: Number(process.env.CAMBIUM_MAX_FILE_BYTES ?? 1024 * 1024) };

export async function indexedFiles(root) {
  const files = await scanRepository(root, { ...limits, languageOf, extractorOf: () => 0 });
  return files
    .filter((file) => file.skip === undefined)
    .map(({ path }) => ({ path, source: readSource(root, path, limits) }))
    .filter(({ source }) => !("skip" in source))
    .map(({ path, source }) => ({ path, language: languageOfText(path, source.text) }));
}
