/** The index-store suite on SQLite. */
import { openSqliteIndex } from "../../src/indexer/stores/sqlite/open-index.ts";
import { describeIndexStore } from "./index-store.ts";

describeIndexStore("sqlite", openSqliteIndex);
