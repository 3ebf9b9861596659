/** The tables of the file that keeps bought vectors, as a numbered history. Never edit a format that was released. */

/**
 * Format 1. `vector` says what is wanted, in `code` stands what came, in the order in which it came: readers take up
 * what is new by its row alone. `mapped` says which vectors the chunks of a blob need. An index may be thrown away and
 * made again; what stands here was paid for.
 */
const format1 = `
PRAGMA application_id = ${0x43414d56};

CREATE TABLE model (
  id INTEGER PRIMARY KEY,
  provider TEXT NOT NULL,
  name TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  width INTEGER,
  bytes_per_token REAL,
  requests INTEGER NOT NULL DEFAULT 0,
  tokens INTEGER NOT NULL DEFAULT 0,
  query_tokens INTEGER NOT NULL DEFAULT 0,
  lost_requests INTEGER NOT NULL DEFAULT 0,
  lost_tokens INTEGER NOT NULL DEFAULT 0,
  UNIQUE (provider, name, dimensions)
) STRICT;

CREATE TABLE vector (
  id INTEGER PRIMARY KEY,
  model INTEGER NOT NULL,
  chunk BLOB NOT NULL,
  code INTEGER,
  batch INTEGER,
  withheld TEXT
) STRICT;
CREATE UNIQUE INDEX vector_chunk ON vector (chunk, model);
CREATE INDEX vector_batch ON vector (batch) WHERE batch IS NOT NULL;

CREATE TABLE code (
  id INTEGER PRIMARY KEY,
  vector INTEGER NOT NULL,
  model INTEGER NOT NULL,
  signs BLOB NOT NULL,
  rest BLOB NOT NULL
) STRICT;

CREATE TABLE mapped (
  hash BLOB NOT NULL,
  model INTEGER NOT NULL,
  language TEXT NOT NULL,
  extractor INTEGER NOT NULL,
  is_whole INTEGER NOT NULL DEFAULT 0,
  vectors BLOB NOT NULL,
  PRIMARY KEY (hash, model, language, extractor)
) STRICT, WITHOUT ROWID;

CREATE TABLE place (
  vector INTEGER PRIMARY KEY,
  repository TEXT NOT NULL,
  path TEXT NOT NULL,
  hash BLOB NOT NULL,
  start INTEGER NOT NULL,
  stop INTEGER NOT NULL
) STRICT;

CREATE TABLE batch (
  id INTEGER PRIMARY KEY,
  model INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  send INTEGER,
  owner TEXT
) STRICT;

CREATE TABLE send (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  model INTEGER NOT NULL,
  batch INTEGER,
  tokens INTEGER NOT NULL,
  began INTEGER NOT NULL,
  timeout_at INTEGER NOT NULL,
  ended INTEGER
) STRICT;
CREATE INDEX send_account ON send (account, ended);

CREATE TABLE hold (
  account TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE published (
  repository TEXT PRIMARY KEY,
  model INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** Format 2. Since when no index has a blob (ms since 1970); NULL while one has it. Which process sent a request. */
const format2 = `
ALTER TABLE mapped ADD COLUMN unreached INTEGER;
CREATE INDEX mapped_unreached ON mapped (unreached) WHERE unreached IS NOT NULL;
ALTER TABLE send ADD COLUMN sender TEXT NOT NULL DEFAULT '';
`;

/** Format 3. What was spent in money, as each request has its price; what was spent before counts at the highest. */
const format3 = `
ALTER TABLE model ADD COLUMN dollars REAL NOT NULL DEFAULT 0;
ALTER TABLE send ADD COLUMN price REAL NOT NULL DEFAULT 0;
UPDATE model SET dollars = 0.18e-6 * (tokens + query_tokens + lost_tokens) WHERE provider IN ('voyage', 'openai');
`;

/** Format 4. Models that were made here: their words, and in which of them the vectors of a repository are made. */
const format4 = `
CREATE TABLE space (
  model INTEGER PRIMARY KEY,
  packed BLOB NOT NULL
) STRICT;

CREATE TABLE trained (
  repository TEXT PRIMARY KEY,
  model INTEGER NOT NULL,
  chunks INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

export const migrations: readonly string[] = [format1, format2, format3, format4];
