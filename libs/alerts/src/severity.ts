import type { Severity } from '#libs/detection';

/** The most pressing first: the order of every list of alerts. */
export const SEVERITIES = ['emergency', 'urgent', 'routine', 'technical'] as const satisfies readonly Severity[];

/** True when `a` is more pressing than `b`. A severity that this version doesn't know is the least pressing. */
export function moreSevere(a: Severity, b: Severity): boolean {
  return rank(a) < rank(b);
}

function rank(severity: Severity): number {
  const index = SEVERITIES.indexOf(severity);
  return index === -1 ? SEVERITIES.length : index;
}
