/** Tokens of identifiers and questions. */
import { describe, expect, it } from "vitest";
import { indexTokens, matchExpression, queryTerms } from "./tokenize.ts";

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
