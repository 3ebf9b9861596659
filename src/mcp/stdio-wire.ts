/**
 * JSON lines over two streams as an MCP transport. When the input ends it first lets the requests that were
 * already read be answered, so that `printf '…' | cambium mcp` works; it knows no tool and no protocol era.
 */
import type { Readable, Writable } from "node:stream";
import {
  type JSONRPCMessage,
  parseJSONRPCMessage,
  STDIO_DEFAULT_MAX_BUFFER_SIZE,
  serializeMessage,
  type Transport,
} from "@modelcontextprotocol/server";
import type { Form } from "./message-form.ts";

export interface StdioWire {
  readonly transport: Transport;
  /** Called once, when nothing more can be asked: the other side may be gone. */
  onInputOver(listener: () => void): void;
  /** Called once, when the input has ended and its requests are answered, or the output is gone. */
  onEnd(listener: () => void): void;
  /** Resolves when all that was sent is written. */
  flush(): Promise<void>;
}

/** How long requests may go on after the input has ended. */
const graceMs = 3000;

export function openStdioWire(
  input: Readable,
  output: Writable,
  readForm: (message: unknown) => Form,
): StdioWire {
  const ending = openEnding();
  let lastWrite: Promise<void> = Promise.resolve();
  const read = readerOf({
    onLine: (line) => {
      const form = readForm(JSON.parse(line));
      if ("refusal" in form) return void transport.send(form.refusal).catch(ending.now);
      const message = parseJSONRPCMessage(form.message);
      ending.read(message);
      transport.onmessage?.(message);
    },
    onError: (error) => transport.onerror?.(error),
    onOverflow: ending.now,
  });
  const transport: Transport = {
    start: async () => {
      output.on("error", ending.now);
      input
        .on("data", read)
        .on("end", ending.inputOver)
        .on("close", ending.inputOver)
        .on("error", ending.inputOver);
    },
    send: (message) => {
      lastWrite = new Promise((resolve, reject) => {
        output.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
      });
      if (!("method" in message) && message.id !== undefined) ending.answered(message.id);
      lastWrite.catch(ending.now);
      return lastWrite;
    },
    close: async () => {
      input.off("data", read).off("end", ending.inputOver).off("close", ending.inputOver).pause();
      ending.now();
      transport.onclose?.();
    },
  };
  return {
    transport,
    onInputOver: (listener) => void ending.noMoreInput.then(listener),
    onEnd: (listener) => void ending.ended.then(listener),
    flush: () => lastWrite.catch(() => {}),
  };
}

/** Takes chunks of the input and hands out the lines in them; what cannot be read is reported and passed over. */
function readerOf(to: {
  onLine(line: string): void;
  onError(error: Error): void;
  /** One line is longer than any sane one: nothing after it could be told apart. */
  onOverflow(): void;
}): (chunk: Buffer) => void {
  let begun = Buffer.alloc(0);
  return (chunk) => {
    begun = Buffer.concat([begun, chunk]);
    if (begun.length > STDIO_DEFAULT_MAX_BUFFER_SIZE) {
      begun = Buffer.alloc(0);
      to.onError(new Error(`A message is longer than ${STDIO_DEFAULT_MAX_BUFFER_SIZE} bytes.`));
      to.onOverflow();
      return;
    }
    for (let end = begun.indexOf("\n"); end >= 0; end = begun.indexOf("\n")) {
      const line = begun.toString("utf8", 0, end).trim();
      begun = begun.subarray(end + 1);
      try {
        if (line !== "") to.onLine(line);
      } catch (error) {
        if (!(error instanceof SyntaxError)) to.onError(error as Error);
      }
    }
  };
}

/** Decides when a connection is over: at once, or once its input has ended and nothing that was asked is open. */
function openEnding() {
  const unanswered = new Set<string | number>();
  let isInputOver = false;
  let now = () => {};
  const ended = new Promise<void>((resolve) => {
    now = resolve;
  });
  let noMore = () => {};
  const noMoreInput = new Promise<void>((resolve) => {
    noMore = resolve;
  });
  const settle = (id: unknown) => {
    unanswered.delete(id as string | number);
    if (isInputOver && unanswered.size === 0) now();
  };
  return {
    ended,
    noMoreInput,
    now: () => now(),
    answered: settle,
    read: (message: JSONRPCMessage) => {
      if (!("method" in message)) return;
      if ("id" in message) unanswered.add(message.id);
      if (message.method === "notifications/cancelled") settle(message.params?.["requestId"]);
    },
    inputOver: () => {
      if (isInputOver) return;
      isInputOver = true;
      noMore();
      if (unanswered.size === 0) return now();
      const limit = setTimeout(now, graceMs);
      void ended.then(() => clearTimeout(limit));
    },
  };
}
