/** The OpenAPI document, made from the routes and the tools behind them: it cannot say anything else than they do. */
import { z } from "zod";
import { inputSchemaOf } from "../arguments.ts";
import { restAnswers } from "./rest-answers.ts";
import type { RestOffer, RestRoute } from "./rest-routes.ts";

type Json = Record<string, unknown>;

const refTo = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const jsonOf = (schema: unknown) => ({ "application/json": { schema } });
const failed = (description: string) => ({ description, content: jsonOf(refTo("Error")) });

const refusals = {
  "400": failed("The arguments are wrong; the message shows a right call."),
  "401": failed("No token, or one that is not known."),
  "403": failed("The token lacks the scope, the folder is not allowed, or Host or Origin are foreign."),
  "404": failed("There is no such thing."),
  "409": failed("It is not possible at the moment, or no longer."),
  "429": failed("Too much at once; see Retry-After."),
  "503": failed("The store does not answer, or the server is about to stop; see Retry-After."),
};

export function buildOpenApi(version: string, { routes, starting }: RestOffer): Json {
  const paths: Record<string, Json> = {};
  const add = (path: string, method: string, operation: Json) => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const route of routes) add(route.path, route.method, operationOf(route));
  if (starting.size > 0) add("/v1/tasks", "post", startTask(starting));
  add("/v1/events", "get", followEvents());
  return {
    openapi: "3.1.0",
    info: {
      title: "Cambium",
      version,
      description: "Code repositories indexed by durable background tasks, and questions about them.",
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: Object.fromEntries(
        Object.entries(restAnswers).map(([name, schema]) => [name, schemaOf(schema)]),
      ),
    },
  };
}

function operationOf({ path, tool, scope, status, answer }: RestRoute): Json {
  const { properties, required = [] } = inputSchemaOf(tool);
  const parameters = Object.entries(properties).map(([name, { description, ...schema }]) => {
    const isInPath = path.includes(`{${name}}`);
    return {
      name,
      in: isInPath ? "path" : "query",
      required: isInPath || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
    };
  });
  return {
    operationId: tool.name,
    summary: tool.title,
    description: `${tool.description}\n\nScope: ${scope}.`,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      [status]: {
        description: status === 202 ? "It is stored, and will run." : "The answer.",
        content: jsonOf(refTo(answer)),
      },
      ...refusals,
    },
  };
}

function startTask(starting: RestOffer["starting"]): Json {
  const kinds = [...starting].map(([kind, tool]) => ({
    type: "object",
    properties: { kind: { const: kind }, args: inputSchemaOf(tool) },
    required: ["kind", "args"],
    description: `${tool.description}\n\nScope: index.`,
  }));
  return {
    operationId: "start_task",
    summary: "Start a task",
    description: "Returns when the task is durable; who asks for what already runs joins it.",
    requestBody: { required: true, content: jsonOf(kinds.length === 1 ? kinds[0] : { oneOf: kinds }) },
    responses: {
      "202": {
        description: "It is stored, and will run.",
        headers: { Location: { description: "Where to look at it.", schema: { type: "string" } } },
        content: jsonOf(refTo("StartedTask")),
      },
      ...refusals,
      "413": failed("The body is too large."),
      "415": failed("The body is not JSON."),
    },
  };
}

function followEvents(): Json {
  return {
    operationId: "follow_events",
    summary: "Follow what happens",
    description:
      "Server-sent events: `id` is a cursor that outlives the connection, `event` the type (task-added, task-started, task-progress, task-succeeded, task-failed, task-revoked, worker-online, …), `data` JSON with `task_id`, `at` and more. Without a cursor it tells what happens from now on, after one event `listening`; an event `lost` comes first if events after the cursor are no longer kept.\n\nScope: read.",
    parameters: [
      {
        name: "after",
        in: "query",
        required: false,
        description: "The id of the last event that was seen.",
        schema: { type: "string" },
      },
      {
        name: "Last-Event-ID",
        in: "header",
        required: false,
        description: "The same, as browsers send it when they connect again; it goes before `after`.",
        schema: { type: "string" },
      },
      {
        name: "task_id",
        in: "query",
        required: false,
        description: "Only what happens to this task.",
        schema: { type: "string" },
      },
    ],
    responses: {
      "200": { description: "The stream.", content: { "text/event-stream": { schema: { type: "string" } } } },
      ...refusals,
    },
  };
}

function schemaOf(schema: z.ZodObject): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "output" });
  return rest;
}
