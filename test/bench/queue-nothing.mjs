/** The processor of BullMQ's own sandbox in the benchmarks: a job that does nothing, in a child process. */
export default async () => ({});
