/** The nouns of the index: what is read out of one file, and what an answer is made of. */

/** The kinds of definition, the same for every language. */
export const symbolKinds = [
  "function",
  "method",
  "constructor",
  "class",
  "interface",
  "struct",
  "union",
  "enum",
  "enum_member",
  "trait",
  "type",
  "module",
  "namespace",
  "constant",
  "variable",
  "field",
  "property",
  "macro",
  "event",
  "section",
] as const;
export type SymbolKind = (typeof symbolKinds)[number];

/** What a reference does with the name it mentions. */
export const referenceRoles = ["call", "type", "import", "inherit", "write", "read", "macro"] as const;
export type ReferenceRole = (typeof referenceRoles)[number];

export type Visibility = "public" | "protected" | "private" | "internal";

/**
 * A named thing that a file defines. Lines count from 1 and are inclusive; byte offsets are
 * half-open in the file's UTF-8 bytes.
 */
export interface Definition {
  readonly kind: SymbolKind;
  readonly name: string;
  /** Dotted names of the enclosing definitions, outermost first; empty at the top of a file. */
  readonly parent: string;
  /** The line the name stands on: where an editor jumps to. */
  readonly line: number;
  readonly startLine: number;
  readonly endLine: number;
  readonly startByte: number;
  readonly endByte: number;
  /** The declaration up to its body, white space folded, at most 300 characters. */
  readonly signature: string;
  /** The doc comment without its markers, at most 1,000 characters; empty where there is none. */
  readonly doc: string;
  /** Undefined where the language has no such notion. */
  readonly visibility: Visibility | undefined;
}

/** One use of a name. */
export interface Reference {
  readonly name: string;
  readonly role: ReferenceRole;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units of the line. */
  readonly column: number;
  /** Index into the file's definitions of the innermost one around this use; -1 at the top of a file. */
  readonly enclosing: number;
}

/** A passage of a file: the unit that is searched. Chunks of a file do not overlap and cover all of its non-blank text. */
export interface Chunk {
  readonly startLine: number;
  readonly endLine: number;
  readonly startByte: number;
  readonly endByte: number;
  /** Indexes of the definitions whose name stands in this chunk. */
  readonly definitions: readonly number[];
}

/** All that is derived from one file's bytes. */
export interface Extraction {
  readonly definitions: readonly Definition[];
  readonly references: readonly Reference[];
  readonly chunks: readonly Chunk[];
  /** Number of error or missing nodes at the top of broken places; 0 for a clean parse. */
  readonly parseErrors: number;
}

/** Why a file is in the ledger but not in the index. A value, not a failure. */
export const skipReasons = {
  binary: "holds bytes that are not text",
  too_large: "is larger than the size limit",
  minified: "looks minified: very long lines",
  generated: "says that it is generated, or is a lock file",
  not_utf8: "is not valid UTF-8 (or UTF-16 with a mark)",
  bad_name: "has a name that is not valid UTF-8",
  unreadable: "could not be read",
  not_a_file: "is not a regular file (pipe, socket or device)",
  outside_root: "is a symbolic link that leads out of the repository",
  symlink: "is a symbolic link to something indexed under its own name",
  secret: "is a key or secrets file",
  vanished: "disappeared while it was being indexed",
  parser_crashed: "made the parser crash",
  parser_timeout: "took the parser longer than the time limit",
} as const;
export type SkipReason = keyof typeof skipReasons;
