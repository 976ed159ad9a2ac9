import type { Finding } from '#libs/detection';

/** A line of the back-test's output: one finding that would have raised an alert. Times in UTC, ISO 8601. */
export interface AlertLine {
  home: string;
  rule: string;
  ruleVersion: number;
  severity: string;
  /** When what it describes began, and when it would have been raised. */
  from: string;
  at: string;
  reason: string;
  evidence: { device: string; kind: string; value: number | boolean | string; at: string }[];
}

const iso = (ms: number): string => new Date(ms).toISOString();

export function alertLine({ home, rule, ruleVersion, severity, fromMs, atMs, reason, evidence }: Finding): AlertLine {
  return {
    home,
    rule,
    ruleVersion,
    severity,
    from: iso(fromMs),
    at: iso(atMs),
    reason,
    evidence: evidence.map(({ device, kind, value, atMs: readAtMs }) => ({ device, kind, value, at: iso(readAtMs) })),
  };
}
