import type { Evidence, Severity } from '../finding.js';

/** One limit: what is beyond it, and how grave that is. */
export interface Limit<Name extends string = string> {
  severity: Exclude<Severity, 'technical'>;
  beyond: '>=' | '>' | '<=' | '<';
  /** The parameter that holds the number. */
  parameter: Name;
}

/** A value beyond a limit. */
export interface Exceeded {
  severity: Exclude<Severity, 'technical'>;
  /** `Systolic 176 mmHg; limit 160` */
  text: string;
  evidence: Evidence;
}

const GRAVITY = { technical: 0, routine: 1, urgent: 2, emergency: 3 } as const satisfies Record<Severity, number>;

/** True if the first is graver than the second. */
export function isGraver(severity: Severity, than: Severity): boolean {
  return GRAVITY[severity] > GRAVITY[than];
}

/** The gravest limit that a value is beyond; undefined if it is within all. */
export function beyondLimit<Name extends string>(
  value: number, words: { label: string; unit: string }, evidence: Evidence, limits: readonly Limit<Name>[], parameters: Readonly<Record<Name, number>>,
): Exceeded | undefined {
  let worst: Limit<Name> | undefined;
  for (const limit of limits) {
    if (isBeyond(value, limit.beyond, parameters[limit.parameter]) && (worst === undefined || isGraver(limit.severity, worst.severity))) worst = limit;
  }
  if (worst === undefined) return undefined;
  const low = worst.beyond === '<' || worst.beyond === '<=';
  const text = `${words.label} ${value} ${words.unit}; ${low ? 'lower limit' : 'limit'} ${parameters[worst.parameter]}`;
  return { severity: worst.severity, text, evidence };
}

function isBeyond(value: number, beyond: Limit['beyond'], limit: number): boolean {
  switch (beyond) {
    case '>=': return value >= limit;
    case '>': return value > limit;
    case '<=': return value <= limit;
    case '<': return value < limit;
    default: return beyond satisfies never;
  }
}
