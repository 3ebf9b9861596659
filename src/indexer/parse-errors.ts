/** Counts the broken places of a syntax tree. */
import type { Tree } from "web-tree-sitter";

/** Error and missing nodes that stand in no other error node; only branches that hold one are visited. */
export function countParseErrors(tree: Tree): number {
  if (!tree.rootNode.hasError) return 0;
  const cursor = tree.walk();
  let errors = 0;
  try {
    for (;;) {
      const node = cursor.currentNode;
      if (node.hasError) {
        if (node.isError || node.isMissing) errors++;
        else if (cursor.gotoFirstChild()) continue;
      }
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) return errors;
      }
    }
  } finally {
    cursor.delete();
  }
}
