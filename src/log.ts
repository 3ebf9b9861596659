/** Lines of a log on standard error, as far as the settings want them. */
import type { Config } from "./config.ts";
import type { LogLevel } from "./jobs/worker.ts";

/** The settings `logLevel`, from the one that writes least. */
const levels = ["silent", "error", "warn", "info", "debug"];

const isWanted = ({ logLevel }: Config, level: LogLevel) => levels.indexOf(level) <= levels.indexOf(logLevel);

export function writeLog(config: Config, level: LogLevel, line: string): void {
  if (isWanted(config, level)) process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}

export function writeJsonLog(
  config: Config,
  level: LogLevel,
  entry: Readonly<Record<string, unknown>>,
): void {
  if (!isWanted(config, level)) return;
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, ...entry })}\n`);
}
