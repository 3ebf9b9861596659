export type Target =
  | string
  | { readonly path: string; readonly start_line?: number; readonly end_line?: number };
export interface Measure {
  readonly ndcg10: number;
  readonly hit1: number;
  readonly hit5: number;
  readonly mrr: number;
}
export function measureQuery(
  hits: readonly { readonly path: string; readonly startLine: number; readonly endLine: number }[],
  targets: readonly Target[],
): Measure;
