/** What a client's model pays for us, counted with a real tokenizer (o200k): the list, the instructions, an answer, a status. */
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { expect, it } from "vitest";
import type { Hit } from "../indexer/search.ts";
import type { TaskRecord } from "../jobs/task.ts";
import { sayHead } from "./evidence.ts";
import { writeHits } from "./hits-text.ts";
import { instructions } from "./instructions.ts";
import { describeTool } from "./server.ts";
import { nextCall, viewTaskShortly } from "./task-view.ts";
import { bytesOfTokens } from "./text.ts";
import { tools } from "./tools.ts";

const progress = {
  phase: "index",
  done: 48_616,
  total: 78_667,
  unit: "files",
  rate: 346.2,
  eta_seconds: 88,
  waiting_for: null,
};
const task: TaskRecord = {
  task_id: "04a5df3be23391bc28c4d05dbf414e3f",
  kind: "index_repository",
  state: "PROGRESS",
  args: { root: "~/code/prometheus" },
  progress,
  attempts: 1,
  error: null,
  result: null,
  created_at: "2026-11-21T15:44:26.279Z",
  started_at: "2026-11-21T15:44:26.279Z",
  finished_at: null,
};
const result = {
  repository: "prometheus",
  generation: 1,
  files: 1631,
  files_skipped: 36,
  bytes: 16_093_012,
  symbols: 26_356,
  references: 272_079,
  chunks: 14_615,
  reused: 1,
  seconds: 10.662,
};
/** As it goes over the wire. */
const statusOf = (record: TaskRecord) =>
  countTokens(JSON.stringify({ ...viewTaskShortly(record), next: nextCall(record) }));

it("the list of tools costs at most 1,800 tokens, all of it", () => {
  expect(countTokens(JSON.stringify(tools.map(describeTool)))).toBeLessThanOrEqual(1800);
});

it("the instructions cost at most 450", () => {
  expect(countTokens(instructions)).toBeLessThanOrEqual(450);
});

it.each<[string, Partial<TaskRecord>]>([
  ["waiting", { state: "PENDING", progress: null }],
  ["running", {}],
  ["waiting for room", { progress: { ...progress, waiting_for: "room on the disk that holds ~/.cambium" } }],
  ["done", { state: "SUCCESS", result }],
  [
    "failed",
    {
      state: "FAILURE",
      error: {
        code: "not_found",
        message: "The folder ~/code/prometheus is gone; index it where it is now.",
      },
    },
  ],
  ["cancelled", { state: "REVOKED", error: { code: "cancelled", message: "The task was cancelled." } }],
])("a status of a task that is %s costs at most 120", (_name, more) => {
  expect(statusOf({ ...task, ...more })).toBeLessThanOrEqual(120);
});

/** Twenty hits for "retry backoff remote write" on prometheus, as they were found: each in a file of its own. */
const found: [
  path: string,
  startLine: number,
  endLine: number,
  kind: string,
  name: string,
  signature: string,
][] = [
  [
    "storage/remote/queue_manager.go",
    2040,
    2103,
    "method",
    "QueueManager.sendWriteRequestWithBackoff",
    "func (t *QueueManager) sendWriteRequestWithBackoff(ctx context.Context, attempt func(int) error, onRetry func()) error",
  ],
  [
    "storage/remote/write_handler.go",
    481,
    511,
    "struct",
    "remoteWriteAppender",
    "type remoteWriteAppender struct",
  ],
  [
    "storage/remote/client.go",
    328,
    358,
    "function",
    "retryAfterDuration",
    "func retryAfterDuration(t string) model.Duration",
  ],
  [
    "storage/remote/write.go",
    173,
    201,
    "method",
    "WriteStorage.ApplyConfig",
    "func (rws *WriteStorage) ApplyConfig(conf *config.Config) error",
  ],
  [
    "config/config.go",
    1598,
    1636,
    "field",
    "QueueConfig.MinBackoff",
    'MinBackoff model.Duration `yaml:"min_backoff,omitempty"`',
  ],
  [
    "web/api/v1/api.go",
    2165,
    2188,
    "method",
    "API.remoteWrite",
    "func (api *API) remoteWrite(w http.ResponseWriter, r *http.Request)",
  ],
  ["tsdb/wlog/wlog.go", 201, 232, "field", "wlMetrics.writesFailed", "writesFailed prometheus.Counter"],
  [
    "storage/remote/write_test.go",
    1,
    45,
    "function",
    "testRemoteWriteConfig",
    "func testRemoteWriteConfig() *config.RemoteWriteConfig",
  ],
  [
    "web/api/v1/openapi_paths.go",
    678,
    711,
    "method",
    "OpenAPIBuilder.remoteWritePath",
    "func (*OpenAPIBuilder) remoteWritePath() *v3.PathItem",
  ],
  [
    "storage/remote/chunked.go",
    47,
    88,
    "method",
    "ChunkedWriter.Write",
    "func (w *ChunkedWriter) Write(b []byte) (int, error)",
  ],
  [
    "tsdb/fileutil/direct_io_writer.go",
    1,
    39,
    "variable",
    "errWriterInvalid",
    'errWriterInvalid = errors.New("the last flush resulted in an unaligned offset, the writer can no longer ensure contiguous writes")',
  ],
  [
    "storage/remote/write_handler_test.go",
    1644,
    1649,
    "function",
    "TestRemoteWriteHandler_ResponseStats",
    "func TestRemoteWriteHandler_ResponseStats(t *testing.T)",
  ],
  [
    "docs/configuration/configuration.md",
    4025,
    4053,
    "section",
    "Configuration file.<remote_write>",
    "### `<remote_write>`",
  ],
  [
    "util/testutil/directory.go",
    1,
    38,
    "constant",
    "temporaryDirectoryRemoveRetries",
    "temporaryDirectoryRemoveRetries = 2",
  ],
  ["storage/remote/queue_manager_test.go", 859, 882, "field", "TestWriteClient.retry", "retry bool"],
  ["CHANGELOG.md", 986, 1003, "section", "Changelog.2.48.0 / 2023-11-16", "## 2.48.0 / 2023-11-16"],
  [
    "util/httputil/compression.go",
    1,
    42,
    "method",
    "compressedResponseWriter.Write",
    "func (c *compressedResponseWriter) Write(p []byte) (int, error)",
  ],
  [
    "config/config_test.go",
    1852,
    1896,
    "function",
    "TestRemoteWriteRetryOnRateLimit",
    "func TestRemoteWriteRetryOnRateLimit(t *testing.T)",
  ],
  [
    "compliance/remote_write_sender_test.go",
    99,
    111,
    "function",
    "TestRemoteWriteSender",
    "func TestRemoteWriteSender(t *testing.T)",
  ],
  ["web/web.go", 268, 325, "field", "Options.EnableRemoteWriteReceiver", "EnableRemoteWriteReceiver bool"],
];
const hits = found.map(
  ([path, startLine, endLine, kind, name, signature]): Hit => ({
    repository: "prometheus",
    path,
    startLine,
    endLine,
    kind: kind as Hit["kind"],
    name,
    signature,
    snippet: "",
    copies: [],
    explain: [],
  }),
);
const evidence = {
  repository: "prometheus",
  generation: 1,
  pendingFiles: 0,
  indexedAt: "2026-11-21T15:44:26.279Z",
};
const lastLine =
  '20 of at least 184 hits; narrow with path, language or kind, or go on with cursor "U19FdnFRZERyeXlXLjIw".';

it("twenty hits, one line each, cost at most 700", () => {
  const { text, shown } = writeHits(hits, { detail: "concise", nameRepository: false });
  expect(shown).toBe(20);
  const answer = [sayHead([evidence]), text, lastLine].join("\n");
  expect(countTokens(answer)).toBeLessThanOrEqual(700);
});

it("a budget in tokens holds for code", () => {
  const { text } = writeHits(Array.from({ length: 20 }, () => hits).flat(), {
    detail: "concise",
    budget: bytesOfTokens(1000),
    nameRepository: false,
  });
  expect(countTokens(text)).toBeLessThanOrEqual(1000);
});
