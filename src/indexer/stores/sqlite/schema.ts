/** The tables of an index file, as a numbered history. Never edit a format that was released: add the next one. */

/**
 * Format 1. A blob's id is also the id of its first chunk: chunk k of it is row `id + k` of `passage`, so chunks need
 * no table of their own, and ids are handed out in steps of the number of chunks.
 * The bulky columns stand apart in `content`, so that counting and joining blobs reads small rows only.
 */
const format1 = `
PRAGMA application_id = ${0x43414d42};

CREATE TABLE snapshot (
  id INTEGER PRIMARY KEY,
  root TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'indexing',
  generation INTEGER NOT NULL DEFAULT 0,
  run TEXT,
  started_at TEXT,
  indexed_at TEXT,
  scanned_ms REAL NOT NULL DEFAULT 0,
  next_head TEXT,
  head TEXT,
  changed INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0,
  pending INTEGER NOT NULL DEFAULT 0,
  bytes_done INTEGER NOT NULL DEFAULT 0,
  files INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  symbols INTEGER NOT NULL DEFAULT 0,
  uses INTEGER NOT NULL DEFAULT 0,
  chunks INTEGER NOT NULL DEFAULT 0,
  reused INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  snapshot INTEGER NOT NULL,
  path TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime REAL NOT NULL,
  extractor INTEGER NOT NULL,
  blob INTEGER,
  reason TEXT,
  detail TEXT,
  by_scan INTEGER NOT NULL DEFAULT 0,
  pending INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  reused INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0,
  UNIQUE (snapshot, path)
) STRICT;
CREATE INDEX file_blob ON file (blob, snapshot) WHERE blob IS NOT NULL;
CREATE INDEX file_pending ON file (snapshot, path) WHERE pending = 1;

CREATE TABLE blob (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL,
  language TEXT NOT NULL,
  extractor INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  symbols INTEGER NOT NULL,
  uses INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  parse_errors INTEGER NOT NULL,
  UNIQUE (hash, language, extractor)
) STRICT;

CREATE TABLE content (
  blob INTEGER PRIMARY KEY,
  text BLOB NOT NULL,
  outline BLOB NOT NULL,
  uses BLOB NOT NULL
) STRICT;

CREATE TABLE definition (
  name TEXT NOT NULL COLLATE NOCASE,
  blob INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  parent TEXT NOT NULL,
  PRIMARY KEY (name, blob, ordinal)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE passage USING fts5(
  name, body, content = '', contentless_delete = 1, tokenize = "ascii tokenchars '_$'"
);
INSERT INTO passage(passage, rank) VALUES ('rank', 'bm25(5.0, 1.0)');
INSERT INTO passage(passage, rank) VALUES ('hashsize', 16777216);
INSERT INTO passage(passage, rank) VALUES ('pgsz', 8000);
INSERT INTO passage(passage, rank) VALUES ('automerge', 8);
INSERT INTO passage(passage, rank) VALUES ('crisismerge', 32);

CREATE VIRTUAL TABLE place USING fts5(
  name, folder, content = '', contentless_delete = 1, tokenize = "ascii tokenchars '_$'"
);
INSERT INTO place(place, rank) VALUES ('rank', 'bm25(3.0, 1.0)');
`;

/** Refused ignore rules are shown; nothing read how many bytes of a snapshot were done. */
const format2 = `
ALTER TABLE snapshot DROP COLUMN bytes_done;
ALTER TABLE snapshot ADD COLUMN refused_rules TEXT NOT NULL DEFAULT '[]';
`;

/**
 * Trigrams (`trigram-index.ts`). Blobs that are there already have none: the segment without a list says that each of
 * them up to `last` is a candidate for every question, until it is read again. A segment's id is never given again.
 */
const format3 = `
CREATE TABLE segment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  size INTEGER NOT NULL,
  blobs BLOB,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  gone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE posting (
  id INTEGER PRIMARY KEY,
  entries BLOB NOT NULL
) STRICT;
INSERT INTO segment (size, blobs, first, last) SELECT 0, NULL, 1, max(id) FROM blob HAVING max(id) IS NOT NULL;
`;

/**
 * When a snapshot was last used decides what is cleaned up. What another extractor made of the same bytes waits in
 * `next` until it is published with all others. The text of a file too large to be parsed stands in
 * parts, each deflated alone, so that neither writing nor showing a part of it needs all of it in memory.
 */
const format4 = `
ALTER TABLE snapshot ADD COLUMN used_ms REAL NOT NULL DEFAULT 0;
UPDATE snapshot SET used_ms = CAST(strftime('%s', 'now') AS REAL) * 1000;
ALTER TABLE file ADD COLUMN next INTEGER;
CREATE INDEX file_next ON file (next) WHERE next IS NOT NULL;
CREATE TABLE text_part (
  blob INTEGER NOT NULL,
  start INTEGER NOT NULL,
  text BLOB NOT NULL,
  UNIQUE (blob, start)
) STRICT;
`;

/** What a repository is in a few lines, with what tells later how much of it still holds: the newest blob, and the size. */
const format5 = `
CREATE TABLE summary (
  snapshot INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  document TEXT NOT NULL
) STRICT;
`;

/** How much the other files lean on a file, 0 to 1 (`centrality.ts`): made together with the summary. */
const format6 = `
ALTER TABLE file ADD COLUMN central REAL NOT NULL DEFAULT 0;
UPDATE summary SET newest = 0;
`;

export const migrations: readonly string[] = [format1, format2, format3, format4, format5, format6];
export const applicationId = 0x43414d42;
/** Tables whose absence shows that a file is not the index it says it is. */
export const tables: readonly string[] = [
  "snapshot",
  "file",
  "blob",
  "content",
  "definition",
  "text_part",
  "passage",
  "place",
  "segment",
  "posting",
  "summary",
];
