/**
 * A door of the clock's proofs as a process of its own: `producer.mjs <store URL> <calls as JSON>`. It makes all calls
 * of the front at once, each `[method, ...arguments]`, prints each answer or failure as one line when it has it, and
 * ends.
 */
import { openTaskFront } from "../../dist/jobs/queue.js";
import { openStore } from "../fixtures/jobs-open.mjs";
import { kinds } from "./kinds.mjs";

const [url, calls] = process.argv.slice(2);
const store = openStore(url);
const front = openTaskFront({ connection: store, kinds });
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
await Promise.all(
  JSON.parse(calls).map(([method, ...given]) =>
    front[method](...given).then(
      (answer) => say({ answer }),
      ({ code, message }) => say({ failure: { code, message } }),
    ),
  ),
);
await front.close();
await store.close();
