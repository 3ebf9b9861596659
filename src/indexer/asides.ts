/** Places that hold copies, uses and products of the code rather than the code itself, told by their paths alone. */
import { remembering } from "./remembering.ts";

interface Aside {
  readonly rule: string;
  readonly path: RegExp;
  /** A question that has such a word asks for these places: they are not held back then. */
  readonly asked: RegExp;
  readonly factor: number;
}

const asides: readonly Aside[] = [
  {
    rule: "test",
    path: /(^|\/)_{0,2}(tests?|testing|testdata|specs?|mocks?|fixtures?|e2e|playground)(__)?\/|(^|\/)test_[^/]*$|[._-](test|tests|spec|mock)s?\.[^/]+$|(Test|Tests|Spec)\.[a-z]+$|(^|\/)conftest\.py$/,
    asked: /^(tests?|testing|tested|specs?|mock(s|ed|ing)?|fixtures?|e2e|assert\w*|playground)$/,
    factor: 0.45,
  },
  {
    rule: "example",
    path: /(^|\/)_?(examples?|samples?|demos?|tutorials?|benchmarks?|benches|bench)\/|[._-]bench(mark)?s?\.[^/]+$/,
    asked: /^(examples?|samples?|demos?|tutorials?|bench\w*)$/,
    factor: 0.6,
  },
  {
    rule: "vendored",
    path: /(^|\/)(vendor|vendored|third[_-]?party|node_modules)\//,
    asked: /^(vendor(ed)?|third|party)$/,
    factor: 0.5,
  },
  {
    rule: "generated",
    path: /(^|\/)(generated|gen|dist)\/|\.(pb|gen|generated|min|bundle)\.[^/]+$|[._-]generated\.|(^|\/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|go\.sum|cargo\.lock)$/i,
    asked: /^(generated|lock(file)?|bundle|dist|build|protobuf|pb)$/,
    factor: 0.5,
  },
  {
    rule: "compatibility",
    path: /(^|\/)_?(compat|legacy|deprecated|polyfills?|shims?)(\/|\.[^/]+$)/i,
    asked: /^(compat\w*|legacy|deprecat\w*|polyfills?|shims?|old)$/,
    factor: 0.6,
  },
  {
    rule: "prose",
    path: /(^|\/)(docs?|documentation|locales?)\/|(^|\/)(changelog|changes|readme|license|contributing)$|\.(md|mdx|rst|txt|adoc|json|ya?ml|toml|svg|css|html?)$/i,
    asked:
      /^(docs?|documentation|changelog|readme|guide|markdown|release|config(uration)?|settings|json|ya?ml|toml|css|html)$/,
    factor: 0.6,
  },
];

/** Whether a path is a test, an example, a copy, a product or prose. */
export function isAside(path: string): boolean {
  return asidesOf(path).length > 0;
}

const asidesOf = remembering(20_000, (path) => asides.filter((aside) => aside.path.test(path)));

/** By what a score is multiplied for where it stands, unless the question asks for such places. */
export function asideFactors(
  path: string,
  words: ReadonlySet<string>,
  /** Tests that only the code itself can tell, such as a module of tests inside a source file. */
  isTest: boolean,
): { readonly rule: string; readonly factor: number }[] {
  const told = asidesOf(path);
  const inside = isTest ? asides.filter((aside) => aside.rule === "test" || told.includes(aside)) : told;
  return inside
    .filter(({ asked }) => ![...words].some((word) => asked.test(word)))
    .map(({ rule, factor }) => ({ rule, factor }));
}
