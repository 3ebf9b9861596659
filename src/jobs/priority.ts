/** Priorities as people give them, 9 first, and as BullMQ stores them, 1 first. */
import { CambiumError } from "../errors.ts";
import type { Priority } from "./task.ts";

/** Throws `invalid_argument` for anything but a whole number from 0 to 9. */
export function readPriority(given: unknown): Priority {
  if (typeof given === "number" && Number.isInteger(given) && given >= 0 && given <= 9)
    return given as Priority;
  throw new CambiumError(
    "invalid_argument",
    `The priority ${JSON.stringify(given)} is refused. Give a whole number from 0 (last) to 9 (first).`,
  );
}

/** Never 0, which BullMQ would run before everything. */
export const storedPriority = (priority: Priority): number => 10 - priority;

/** 0 is what a version stored that knew no priorities. */
export const shownPriority = (stored: number | undefined): Priority =>
  stored === undefined || stored < 1 || stored > 10 ? 5 : ((10 - stored) as Priority);
