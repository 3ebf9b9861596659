/** V8 has two compilers for WebAssembly; which of them a grammar is worth. */
import { setFlagsFromString } from "node:v8";

/** Size of the largest function of a WebAssembly module, in bytes; 0 where there is none. */
export function largestFunction(wasm: Uint8Array): number {
  const headerBytes = 8;
  const codeSection = 10;
  let at = headerBytes;
  const readNumber = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  let largest = 0;
  while (at < wasm.length) {
    const section = wasm[at++];
    const size = readNumber();
    const end = at + size;
    if (section === codeSection) {
      for (let left = readNumber(); left > 0; left--) {
        const bytes = readNumber();
        largest = Math.max(largest, bytes);
        at += bytes;
      }
    }
    at = end;
  }
  return largest;
}

/**
 * Loads a module whose functions are compiled once, quickly, and never optimised. V8 reads the one flag when a module
 * is made, and the other, which changes nothing for all other modules, when a function of it is compiled.
 */
export async function loadUnoptimised<T>(load: () => Promise<T>): Promise<T> {
  setFlagsFromString("--no-wasm-tier-up");
  setFlagsFromString("--no-wasm-dynamic-tiering");
  try {
    return await load();
  } finally {
    setFlagsFromString("--wasm-dynamic-tiering");
  }
}

/** The same module with other bytes: V8 would take the code that it has for the same ones. */
export function withOtherBytes(wasm: Uint8Array): Uint8Array {
  const [customSection, size, nameLength, name] = [0, 2, 1, 0x6f];
  const other = new Uint8Array(wasm.length + 4);
  other.set(wasm);
  other.set([customSection, size, nameLength, name], wasm.length);
  return other;
}
