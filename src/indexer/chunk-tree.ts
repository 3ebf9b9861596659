/** Says on which lines of a parsed file something begins, so that chunks can be cut there. */
import type { Tree, TreeCursor } from "web-tree-sitter";
import { chunkBytesGoal, chunkBytesOpen, cut } from "./chunk.ts";
import { firstNonBlank, type SourceText } from "./source-text.ts";

/** What belongs to the node below it and stays in its chunk. */
const leadingType = /comment|attribute|decorator|annotation/;

/** A node whose children are being visited. */
interface Level {
  /** Where the comments and the like right above the next child end and where their chunk may begin; -1 for none. */
  leadEndRow: number;
  leadCutRow: number;
  /** A large child has ended: what follows is outside of it. */
  afterOpened: boolean;
}

const newLevel = (): Level => ({ leadEndRow: -1, leadCutRow: -1, afterOpened: false });

/**
 * One entry a line. The root is opened, and every node that is too large for a chunk: their children's first lines
 * are where a cut is welcome. Walks with a cursor and a stack of its own, as trees may be a hundred thousand deep.
 * A large node begins a chunk of its own if a definition starts on its line; `definitionRows` holds those lines.
 */
export function treeCuts(source: SourceText, tree: Tree, definitionRows: ReadonlySet<number>): Uint8Array {
  const cuts = new Uint8Array(source.lines);
  if (source.toByte(source.text.length) <= chunkBytesGoal) return cuts;
  const cursor = tree.walk();
  const levels: Level[] = [newLevel()];
  const marks: Marks = { cuts, definitionRows, isFirst: firstOnLine(source) };
  try {
    if (!cursor.gotoFirstChild()) return cuts;
    for (;;) {
      if (visitChild(source, cursor, levels.at(-1) as Level, marks)) {
        levels.push(newLevel());
        continue;
      }
      while (!cursor.gotoNextSibling()) {
        levels.pop();
        if (levels.length === 0 || !cursor.gotoParent()) return cuts;
      }
    }
  } finally {
    cursor.delete();
  }
}

interface Marks {
  readonly cuts: Uint8Array;
  readonly definitionRows: ReadonlySet<number>;
  /** Answers whether the first thing on a line stands at an index. */
  readonly isFirst: (row: number, index: number) => boolean;
}

/** Remembers the last line: all children of a node may stand on the same one, after very many blanks. */
function firstOnLine(source: SourceText): (row: number, index: number) => boolean {
  let lastRow = -1;
  let first = -1;
  return (row, index) => {
    if (row !== lastRow) {
      first = firstNonBlank(source, row);
      lastRow = row;
    }
    return first === index;
  };
}

/** Marks the line a child begins on; answers whether the child is large and has been entered. */
function visitChild(source: SourceText, cursor: TreeCursor, level: Level, marks: Marks): boolean {
  const start = cursor.startIndex;
  const end = cursor.endIndex;
  const isLarge = end - start > chunkBytesOpen;
  const row = source.rowOf(start);
  if (end > start && marks.isFirst(row, start) && cursor.nodeIsNamed) {
    const follows = level.leadEndRow >= 0 && row - level.leadEndRow <= 1;
    const cutRow = follows ? level.leadCutRow : row;
    const isOpened = isLarge && marks.definitionRows.has(row);
    const strength = isOpened ? cut.open : level.afterOpened ? cut.outer : cut.inner;
    marks.cuts[cutRow] = Math.max(marks.cuts[cutRow] as number, strength);
    const isLead = leadingType.test(cursor.nodeType);
    level.leadEndRow = isLead ? source.rowOf(end - 1) : -1;
    level.leadCutRow = isLead ? cutRow : -1;
    level.afterOpened = false;
  }
  if (!isLarge || !cursor.gotoFirstChild()) return false;
  level.afterOpened = true;
  return true;
}
