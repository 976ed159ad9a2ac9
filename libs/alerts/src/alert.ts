import type { Evidence, Finding, Severity } from '#libs/detection';
import type { Schema } from '#libs/database';
import type { AlertStatus, Outcome } from './alert-transitions.js';

/** One thing that a person has to deal with. Times: ms since 1970 UTC. */
export interface Alert {
  id: string;
  home: string;
  subjectKind: Finding['subjectKind'];
  /** The pseudonym of the resident, device or home; `fleet` for the fleet. */
  subject: string;
  rule: string;
  cause: string;
  /** The highest that any of its findings had. */
  severity: Severity;
  status: AlertStatus;
  /** The sentence of its newest finding of that severity, and the same without clinical detail. */
  reason: string;
  familyReason: string;
  /** When what it describes began, and when it was found, by detection's time. */
  fromMs: number;
  atMs: number;
  /** When its condition ended, by detection's time; null while it lasts. Only a person resolves. */
  clearedMs: number | null;
  /** By the system's clock, as are all that follow. */
  openedMs: number;
  acknowledgedMs: number | null;
  acknowledgedBy: string | null;
  goingMs: number | null;
  goingBy: string | null;
  resolvedMs: number | null;
  resolvedBy: string | null;
  outcome: Outcome | null;
  /** The change number of its last change, unique among all changes of alerts. */
  change: number;
}

/** A finding as it is kept with its alert. */
export interface AlertFinding {
  key: string;
  episode: string;
  change: Finding['change'];
  rule: string;
  ruleVersion: number;
  severity: Severity;
  fromMs: number;
  atMs: number;
  reason: string;
  evidence: Evidence[];
  parameters: Finding['parameters'];
}

/** Any row of the table as an `Alert`. */
export function alertOf(row: Schema['alerts']): Alert {
  const { openKey: _, ...alert } = row;
  return alert as Alert; // The texts of its status, severity and kind are written by this lib alone.
}
