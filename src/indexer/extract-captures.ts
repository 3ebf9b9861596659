/** The vocabulary of `tags.scm`: what each capture name means. */
import { type ReferenceRole, referenceRoles, type SymbolKind, symbolKinds } from "./symbol.ts";

export type CaptureMeaning =
  | { readonly part: "definition"; readonly kind: SymbolKind }
  | { readonly part: "reference"; readonly role: ReferenceRole }
  | { readonly part: "embedded"; readonly language: string | undefined }
  | {
      readonly part:
        | "name"
        | "parent"
        | "scope"
        | "doc"
        | "onward"
        | "local"
        | "open"
        | "language"
        | "predicate";
    };

const parts = ["name", "parent", "scope", "doc", "onward", "local", "open", "language"] as const;
const kinds: ReadonlySet<string> = new Set(symbolKinds);
const roles: ReadonlySet<string> = new Set(referenceRoles);

/** Throws an `Error` that names the capture that means nothing. */
export function readCaptureNames(names: readonly string[]): ReadonlyMap<string, CaptureMeaning> {
  return new Map(names.map((name) => [name, readCaptureName(name)]));
}

function readCaptureName(name: string): CaptureMeaning {
  if (name.startsWith("_")) return { part: "predicate" };
  const plain = parts.find((part) => part === name);
  if (plain !== undefined) return { part: plain };
  const [part, detail = ""] = name.split(".", 2);
  if (part === "definition" && kinds.has(detail)) return { part, kind: detail as SymbolKind };
  if (part === "reference" && roles.has(detail)) return { part, role: detail as ReferenceRole };
  if (part === "embedded") return { part, language: detail === "" ? undefined : detail };
  throw new Error(`@${name} is no known capture`);
}
