/** A notebook's cells as definitions, references and chunks of its file; a chunk is a cell's source or a part of it. */
import { chunkLines, paragraphCuts } from "./chunk.ts";
import { type InnerLayer, type Layer, mergeLayers, moveLayer } from "./layer.ts";
import { type Cell, readNotebook } from "./notebook.ts";
import { readSourceText, type SourceText } from "./source-text.ts";
import type { Chunk, Extraction } from "./symbol.ts";

const nothing: Layer = { definitions: [], references: [], nameStarts: [], cuts: undefined, parseErrors: 0 };

/** `readCell` answers what a language sees of a text. Undefined for what is no notebook. */
export async function extractNotebook(
  source: SourceText,
  readCell: (cell: SourceText, language: string) => Promise<Layer>,
): Promise<Extraction | undefined> {
  const cells = readNotebook(source.text);
  if (cells === undefined) return undefined;
  const inner: InnerLayer[] = [];
  for (const { language, text, origin } of cells) {
    if (language === undefined) continue;
    // Bytes are at once those of the file, so that only lines are left to be moved.
    const cell = {
      ...readSourceText(text),
      toByte: (index: number) => source.toByte(origin[index] as number),
    };
    const layer = moveLayer(await readCell(cell, language), cell, source, origin);
    inner.push({ ...layer, startByte: source.toByte(origin[0] as number) });
  }
  const { definitions, references, nameStarts, parseErrors } = mergeLayers(nothing, inner);
  const chunks = cells.flatMap((cell) => chunkCell(source, cell, nameStarts));
  return { definitions, references, chunks, parseErrors };
}

/** Cuts the part of the file in which the cell's source stands, with its quotes. */
function chunkCell(source: SourceText, { origin }: Cell, nameStarts: readonly number[]): Chunk[] {
  const start = (origin[0] as number) - 1;
  const end = (origin.at(-1) as number) + 1;
  const part = readSourceText(source.text.slice(start, end));
  const inside = [...nameStarts.keys()].filter((at) => {
    const name = nameStarts[at] as number;
    return name >= start && name < end;
  });
  const rows = source.rowOf(start);
  const bytes = source.toByte(start);
  const starts = inside.map((at) => (nameStarts[at] as number) - start);
  return chunkLines(part, paragraphCuts(part), starts).map((chunk) => ({
    startLine: chunk.startLine + rows,
    endLine: chunk.endLine + rows,
    startByte: chunk.startByte + bytes,
    endByte: chunk.endByte + bytes,
    definitions: chunk.definitions.map((at) => inside[at] as number),
  }));
}
