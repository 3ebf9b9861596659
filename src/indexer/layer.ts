/** What one language sees of a file, and how the views of several languages become one. It knows places, no syntax. */
import { enclosingOf } from "./extract-nesting.ts";
import type { SourceText } from "./source-text.ts";
import type { Definition, Reference } from "./symbol.ts";

export interface Layer {
  readonly definitions: readonly Definition[];
  readonly references: readonly Reference[];
  /** Index in the text where each definition's name starts. */
  readonly nameStarts: readonly number[];
  /** One entry a line: how strongly a cut before it is asked for. */
  readonly cuts: Uint8Array | undefined;
  readonly parseErrors: number;
}

/** A layer and the byte of the outer text where it begins. */
export interface InnerLayer extends Layer {
  readonly startByte: number;
}

interface Placed {
  readonly definition: Definition;
  readonly nameStart: number;
}

/**
 * The outer layer with those of the texts in it, which are in the order of their start. A use at the top of an inner
 * text stands in the definition around that text; the parents of definitions stay those of their own language.
 */
export function mergeLayers(outer: Layer, inner: readonly InnerLayer[]): Layer {
  if (inner.length === 0) return outer;
  const layers: readonly Layer[] = [outer, ...inner];
  const placed = layers.flatMap(({ definitions, nameStarts }) =>
    definitions.map((definition, at): Placed => ({ definition, nameStart: nameStarts[at] as number })),
  );
  const sorted = placed.toSorted(
    (a, b) => a.definition.startByte - b.definition.startByte || b.definition.endByte - a.definition.endByte,
  );
  const places = new Map(sorted.map((item, index) => [item.definition, index]));
  const around = enclosingOf(
    outer.definitions.map(({ startByte, endByte }) => ({ start: startByte, end: endByte })),
  );
  const placeOf = (layer: Layer, at: number) => places.get(layer.definitions[at] as Definition) ?? -1;
  const references = layers.flatMap((layer) => {
    const outside = "startByte" in layer ? placeOf(outer, around((layer as InnerLayer).startByte)) : -1;
    return layer.references.map((reference): Reference => {
      const { enclosing } = reference;
      return { ...reference, enclosing: enclosing < 0 ? outside : placeOf(layer, enclosing) };
    });
  });
  return {
    definitions: sorted.map(({ definition }) => definition),
    references: references.sort((a, b) => a.line - b.line || a.column - b.column),
    nameStarts: sorted.map(({ nameStart }) => nameStart),
    cuts: mergeCuts(layers.map(({ cuts }) => cuts)),
    parseErrors: layers.reduce((sum, { parseErrors }) => sum + parseErrors, 0),
  };
}

function mergeCuts(all: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  const [first, ...others] = all.filter((cuts) => cuts !== undefined);
  for (const cuts of others)
    for (const [row, strength] of cuts.entries())
      if (first !== undefined && strength > (first[row] as number)) first[row] = strength;
  return first;
}

/**
 * A layer of a text that was taken out of `outer`, with the places it has there. `origin` holds, for every index of
 * the text and its end, the index in the outer one; bytes and the starts of names are those of the outer text already.
 */
export function moveLayer(layer: Layer, text: SourceText, outer: SourceText, origin: Int32Array): Layer {
  const lineOf = (line: number) => outer.rowOf(origin[text.lineStarts[line - 1] as number] as number) + 1;
  return {
    ...layer,
    definitions: layer.definitions.map((definition) => ({
      ...definition,
      line: lineOf(definition.line),
      startLine: lineOf(definition.startLine),
      endLine: lineOf(definition.endLine),
    })),
    references: layer.references.map((reference) => {
      const at = (text.lineStarts[reference.line - 1] as number) + reference.column - 1;
      const line = lineOf(reference.line);
      const column = (origin[at] as number) - (outer.lineStarts[line - 1] as number) + 1;
      return { ...reference, line, column };
    }),
    nameStarts: layer.nameStarts.map((start) => origin[start] as number),
    cuts: undefined,
  };
}
