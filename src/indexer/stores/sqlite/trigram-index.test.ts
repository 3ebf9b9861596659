import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anyText, type TrigramQuery } from "../../trigrams.ts";
import { IndexFile } from "./index-file.ts";
import { PostingReader, PostingWriter } from "./posting-rows.ts";
import { candidateBlobs, forgetBlobs, insertSegment, makeSegment, mergeSegments } from "./trigram-index.ts";

describe("posting rows", () => {
  it.each([1, 2, 7, 33, 1000, 40_000])("give back the ordinals of %i blobs as they were", (size) => {
    const writer = new PostingWriter(size);
    const lists = Array.from({ length: 18 }, (_, index) => {
      const share = [1, 0.9, 0.5, 0.1, 0.01, 0.0001][index % 6] ?? 1;
      const list = Uint32Array.from({ length: size }, (_unused, ordinal) => ordinal).filter(
        (ordinal) =>
          ordinal === (index * 7919) % size || (ordinal * 2654435761 + index * 97) % 10_000 < share * 10_000,
      );
      return { trigram: index * index * 61, list };
    });
    for (const { trigram, list } of lists) writer.add(trigram, list, 0, list.length);
    const found = writer.finish().flatMap((row) => {
      const reader = new PostingReader(row, size);
      const entries = [];
      while (reader.next()) {
        const list = new Uint32Array(reader.count);
        reader.read(list, 0, 0);
        entries.push({ trigram: reader.trigram, list });
      }
      return entries;
    });
    // Comparing numbers one by one would take the test's library seconds.
    const told = (entries: typeof lists) =>
      entries.map(({ trigram, list }) => `${trigram} ${Buffer.from(list.slice().buffer).toString("hex")}`);
    expect(told(found).join() === told(lists).join()).toBe(true);
  });
});

describe("segments", () => {
  let top: string;
  let file: IndexFile;
  let blobs: Map<number, Uint32Array>;
  let next: number;
  const all = (...trigrams: number[]): TrigramQuery => ({ of: "all", trigrams, parts: [] });
  const any = (...parts: TrigramQuery[]): TrigramQuery => ({ of: "any", trigrams: [], parts });

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "trigrams-"));
    file = new IndexFile(join(top, "0123456789abcdef.db"));
    blobs = new Map();
    next = 1;
  });
  afterEach(() => {
    file.close();
    rmSync(top, { recursive: true, force: true });
  });

  function addBatch(count: number): void {
    const made = Array.from({ length: count }, () => {
      const id = next;
      next += 3;
      // One trigram of its own, and one shared by every third and every hundredth.
      blobs.set(id, Uint32Array.from(new Set([id, 200_000 + (id % 9), 250_000 + (id % 300)])));
      return id;
    });
    const segment = makeSegment(made.map((id) => blobs.get(id) as Uint32Array));
    file.write(() => {
      for (const id of made)
        file.run("INSERT INTO blob VALUES (?, ?, 'x', 1, 1, 0, 0, 0, 0)", id, Buffer.from(`${id}`));
      insertSegment(file, segment, made);
    });
    mergeSegments(file);
  }

  function remove(ids: readonly number[]): void {
    file.write(() => {
      for (const id of ids) file.run("DELETE FROM blob WHERE id = ?", id);
      forgetBlobs(file, ids);
    });
    for (const id of ids) blobs.delete(id);
  }

  const segments = () => Number(file.get<{ n: number }>("SELECT count(*) AS n FROM segment")?.n);
  const living = (ids: ReadonlySet<number> | undefined) =>
    [...(ids ?? [])].filter((id) => blobs.has(id)).sort((a, b) => a - b);
  const having = (...trigrams: number[]) =>
    [...blobs].filter(([, own]) => trigrams.every((one) => own.includes(one))).map(([id]) => id);

  function expectAnswers(): void {
    for (const [one, other] of [
      [200_001, 250_001],
      [200_004, 250_202],
      [250_100, 200_001],
      [7, 200_007],
    ] as const) {
      expect(living(candidateBlobs(file, all(one), true))).toEqual(having(one));
      expect(living(candidateBlobs(file, all(one, other), true))).toEqual(having(one, other));
      const either = new Set([...having(one), ...having(other)]);
      expect(living(candidateBlobs(file, any(all(one), all(other)), true))).toEqual(
        [...either].sort((a, b) => a - b),
      );
    }
    expect(candidateBlobs(file, all(262_000), true)).toEqual(new Set());
    expect(candidateBlobs(file, any(), true)).toEqual(new Set());
    expect(candidateBlobs(file, anyText, true)).toBeUndefined();
  }

  it("answer the same before and after they are merged, and stay few", () => {
    for (let batch = 0; batch < 31; batch += 1) addBatch(1);
    expect(segments()).toBe(31);
    expectAnswers();
    addBatch(1);
    expect(segments()).toBe(1);
    expectAnswers();
    for (let batch = 0; batch < 40; batch += 1) addBatch(40);
    expect(segments()).toBe(1 + 1 + 8);
    expectAnswers();
  });

  it("let go of blobs that are gone", () => {
    for (let batch = 0; batch < 5; batch += 1) addBatch(100);
    const ids = [...blobs.keys()];
    remove(ids.slice(0, 60));
    expectAnswers();
    remove(ids.slice(60, 100));
    expect(segments()).toBe(4);
    remove(ids.slice(100, 170));
    expectAnswers();
    expect(file.get("SELECT 1 FROM segment WHERE size = 30")).toBeDefined();
    remove(ids.slice(170));
    expect(segments()).toBe(0);
    expect(file.get<{ n: number }>("SELECT count(*) AS n FROM posting")?.n).toBe(0);
  });

  it("rule a text out by its blocks, or by all of them together where a match may span lines", () => {
    const made = [[1, 2], [3], [1], [2, 3], [1], [2]];
    const ids = [4, 4, 7, 7, 7, 9];
    for (let batch = 0; batch < 32; batch += 1) {
      file.write(() => {
        for (const id of new Set(ids))
          file.run(
            "INSERT INTO blob VALUES (?, ?, 'x', 1, 1, 0, 0, 0, 0)",
            id + 10 * batch,
            Buffer.from([id, batch]),
          );
        insertSegment(
          file,
          makeSegment(made.map((block) => Uint32Array.from(block))),
          ids.map((id) => id + 10 * batch),
        );
      });
      mergeSegments(file);
      if (batch > 0 && batch < 31) continue;
      const of = (found: ReadonlySet<number> | undefined) =>
        [...(found ?? [])].filter((id) => id > 10 * batch).map((id) => id - 10 * batch);
      expect(of(candidateBlobs(file, all(1, 2), true))).toEqual([4]);
      expect(of(candidateBlobs(file, all(1, 2), false))).toEqual([4, 7]);
      expect(of(candidateBlobs(file, all(2, 3), true))).toEqual([7]);
      expect(of(candidateBlobs(file, all(2, 3), false))).toEqual([4, 7]);
      expect(of(candidateBlobs(file, any(all(1, 3), all(2)), true))).toEqual([4, 7, 9]);
    }
    expect(segments()).toBe(1);
  });

  it("count blobs without trigrams as candidates", () => {
    file.write(() => {
      file.run("INSERT INTO blob VALUES (5, ?, 'x', 1, 1, 0, 0, 0, 0)", Buffer.from("old"));
      file.run("INSERT INTO segment (size, blobs, first, last) VALUES (0, NULL, 1, 5)");
    });
    next = 10;
    addBatch(3);
    expect(candidateBlobs(file, all(10), true)).toEqual(new Set([10, 5]));
    file.write(() => {
      file.run("DELETE FROM blob WHERE id = 5");
      forgetBlobs(file, [5]);
    });
    expect(candidateBlobs(file, all(10), true)).toEqual(new Set([10]));
  });
});
