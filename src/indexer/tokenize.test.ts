/** Tokens of identifiers and questions. */
import { describe, expect, it } from "vitest";
import { formsOf, indexTokens, matchExpression, queryTerms, stemOf, wordRuns } from "./tokenize.ts";

describe("indexTokens", () => {
  it.each([
    ["camelCase", "camelcase camel case"],
    ["PascalCase", "pascalcase pascal case"],
    ["HTTPServer", "httpserver http server"],
    ["parseURLs", "parseurls parse urls"],
    ["snake_case", "snake_case snake case"],
    ["MAX_VALUE", "max_value max value"],
    ["kebab-case", "kebab case"],
    ["utf8", "utf8 utf 8"],
    ["a.b.fooBar", "foobar foo bar"],
    ["dotted.path", "dotted path"],
    ["__init__", "__init__ init"],
    ["$scope", "scope"],
    ["constructor __proto__", "constructor __proto__ proto"],
    ["plain words", "plain words"],
    ["x = 1", "1"],
    ["Größe café ÉtatCivil", "große cafe etatcivil etat civil"],
    ["你好", "你 好"],
    ["— “quoted” …", "quoted"],
    ["", ""],
    ["+-*/", ""],
  ])("%s", (text, tokens) => {
    expect(indexTokens(text)).toBe(tokens);
    expect(indexTokens(text)).toBe(tokens);
  });

  it("keeps only the beginning of data that looks like a name", () => {
    expect(indexTokens("a".repeat(5000))).toBe("a".repeat(100));
  });
});

describe("queryTerms", () => {
  it("drops the stop words of a plain question, unless nothing else is asked", () => {
    expect(queryTerms("how is the request parsed").words).toEqual(["request", "parsed"]);
    expect(queryTerms("how is it").words).toEqual(["how", "is", "it"]);
  });

  it("keeps whole identifiers as written, and phrases of joined names", () => {
    const query = queryTerms("where does flask.Blueprint use url-map");
    expect(query.identifiers).toEqual(["flask.Blueprint", "flask", "Blueprint", "url.map", "url", "map"]);
    expect(query.phrases).toEqual([
      ["flask", "blueprint"],
      ["url", "map"],
    ]);
  });

  it("finds any part of text without spaces", () => {
    expect(queryTerms("连接超时").phrases).toEqual([
      ["连", "接", "超", "时"],
      ["连", "接"],
      ["接", "超"],
      ["超", "时"],
    ]);
  });

  it("takes names that JavaScript's objects have for words", () => {
    expect(queryTerms("constructor __proto__ toString").words).toEqual(
      expect.arrayContaining(["constructor", "__proto__", "tostring"]),
    );
  });
});

describe("matchExpression", () => {
  it.each(['a" OR name:b', "NEAR(a b, 3)", "a* AND ^b", "'; --", '"""', "{x} : y"])(
    "quotes every token of %j",
    (query) => {
      expect(matchExpression(queryTerms(query))).toMatch(/^("[^"*^():{}]+"( OR "[^"*^():{}]+")*)?$/);
    },
  );

  it("is empty where nothing is asked", () => {
    expect(matchExpression(queryTerms("+ - * /"))).toBe("");
  });
});

describe("forms of a word", () => {
  it.each([
    ["parse", "parses", "parsed", "parsing", "parser", "parsers"],
    ["query", "queries"],
    ["date", "dates"],
    ["class", "classes"],
    ["handle", "handler", "handling"],
    ["run", "run"],
    ["stop", "stopped", "stopping"],
  ])("of %s have one stem", (...forms) => {
    expect(new Set(forms.map(stemOf)).size).toBe(1);
  });

  it("leaves different words apart", () => {
    expect(new Set(["string", "struct", "status", "state", "bus", "thing", "red"].map(stemOf)).size).toBe(7);
  });

  it("are other than the word", () => {
    expect(formsOf("dates")).toEqual(["date"]);
    expect(formsOf("query")).toContain("queries");
    expect(formsOf("encoding")).toEqual(expect.arrayContaining(["encode", "encoded"]));
    for (const word of ["parse", "queries", "encoding", "boxes", "id", "utf8", "a_b"])
      expect(formsOf(word)).not.toContain(word);
  });
});

describe("wordRuns", () => {
  it("keeps stop words, but no run of stop words alone", () => {
    const query = "Cannot drop the runtime: is it that there";
    expect(wordRuns(query, queryTerms(query).words)).toEqual([
      "cannot drop the",
      "drop the runtime",
      "the runtime is",
      "runtime is it",
    ]);
    expect(wordRuns("two words", ["two", "words"])).toEqual([]);
  });
});
