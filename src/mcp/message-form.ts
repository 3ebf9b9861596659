/**
 * The form of a request, looked at by each door before the SDK sees it: that answers some that are wrong with -32603, as
 * if the fault were ours, and over stdio some not at all.
 */
import {
  type JSONRPCErrorResponse,
  PROTOCOL_VERSION_META_KEY,
  ProtocolErrorCode,
  type SpecTypeName,
  specTypeSchemas,
} from "@modelcontextprotocol/server";
import { toFailure } from "../errors.ts";
import { readArguments } from "./arguments.ts";
import { sayFailure } from "./failures.ts";
import { oneLine } from "./text.ts";
import { findTool } from "./tools.ts";

interface Request {
  readonly jsonrpc?: unknown;
  readonly id: string | number;
  readonly method: string;
  readonly params?: unknown;
}

/** Methods that the SDK answers with -32603, or not in words that help. */
const forms: Readonly<Record<string, SpecTypeName>> = {
  initialize: "InitializeRequest",
  "tools/list": "ListToolsRequest",
  "resources/list": "ListResourcesRequest",
  "resources/templates/list": "ListResourceTemplatesRequest",
  "prompts/list": "ListPromptsRequest",
  "tools/call": "CallToolRequest",
};

export type Form = { readonly message: unknown } | { readonly refusal: JSONRPCErrorResponse };

/** The message to go on with, or what its sender is answered; several are refused as one. */
export function readForm(given: unknown): Form {
  if (Array.isArray(given)) {
    const forms = given.map(readForm);
    const refused = forms.find((form) => "refusal" in form);
    return refused ?? { message: forms.map((form) => "message" in form && form.message) };
  }
  if (!isRequest(given)) return { message: given };
  const message = withoutNullArguments(given);
  const fault = faultOf("JSONRPCRequest", message) ?? faultOfMethod(message);
  if (fault === undefined) return { message };
  const code = fault.startsWith("params")
    ? ProtocolErrorCode.InvalidParams
    : ProtocolErrorCode.InvalidRequest;
  const text = sayRightCall(given) ?? `Invalid ${oneLine(given.method, 80)}: ${fault}`;
  return { refusal: { jsonrpc: "2.0", id: given.id, error: { code, message: text } } };
}

/**
 * The same over stdio, where the SDK takes a stateless client's greeting for one of the generation before once that has
 * begun, and answers -32603 for what it lacks.
 */
export function readFormOfLine(given: unknown): Form {
  const form = readForm(given);
  if ("refusal" in form || !isRequest(form.message) || form.message.method !== "initialize") return form;
  if (faultOf("InitializeRequest", form.message) === undefined) return form;
  const error = { code: ProtocolErrorCode.MethodNotFound, message: "Method not found" };
  return { refusal: { jsonrpc: "2.0", id: form.message.id, error } };
}

function isRequest(message: unknown): message is Request {
  const { id, method } = (message ?? {}) as Partial<Request>;
  return (typeof id === "string" || typeof id === "number") && typeof method === "string";
}

function faultOfMethod(message: Request): string | undefined {
  const { method } = message;
  const form = Object.hasOwn(forms, method) ? forms[method] : undefined;
  if (form === undefined || (method === "initialize" && isStateless(message))) return undefined;
  const { cursor = "" } = (message.params ?? {}) as { cursor?: unknown };
  const isBeyondEnd = method.endsWith("/list") && typeof cursor === "string" && cursor !== "";
  return isBeyondEnd ? "params.cursor: there is one page, and no cursor." : faultOf(form, message);
}

/** The generation of the protocol that has no greeting any more: the SDK says so. */
function isStateless({ params }: Request): boolean {
  const { _meta = {} } = (params ?? {}) as { _meta?: object };
  return Object.hasOwn(_meta, PROTOCOL_VERSION_META_KEY);
}

function faultOf(form: SpecTypeName, message: Request): string | undefined {
  const { issues } = specTypeSchemas[form]["~standard"].validate(message);
  return issues
    ?.map(({ path = [], message: said }) => `${path.map(String).join(".")}: ${said}`)
    .join("; ")
    .slice(0, 400);
}

/** Where a tool was meant and its arguments are no object. */
function sayRightCall({ method, params }: Request): string | undefined {
  const { name, arguments: given } = (params ?? {}) as { name?: unknown; arguments?: unknown };
  const tool = method === "tools/call" ? findTool(String(name)) : undefined;
  if (tool === undefined || (typeof given === "object" && !Array.isArray(given))) return undefined;
  try {
    readArguments(tool, given);
    return undefined;
  } catch (thrown) {
    return sayFailure(toFailure(thrown));
  }
}

/** Some clients send it for a tool without arguments. */
function withoutNullArguments(message: Request): Request {
  const params = message.params as { arguments?: unknown } | null | undefined;
  if (message.method !== "tools/call" || params?.arguments !== null) return message;
  const { arguments: _none, ...others } = params;
  return { ...message, params: others };
}
