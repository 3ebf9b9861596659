/** A process of its own that writes the results on its stdin, one batch each, as the children of a worker do. */
import { readFileSync } from "node:fs";

const [builtStore, folder] = process.argv.slice(2);
const { openSqliteIndex } = await import(builtStore);
const store = openSqliteIndex(folder);
for (const result of JSON.parse(readFileSync(0, "utf8"))) {
  const batch = store.batch("app", "one");
  batch.add(result);
  batch.commit();
}
store.close();
