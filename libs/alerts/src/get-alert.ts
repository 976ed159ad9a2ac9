import type { Executor, Schema } from '#libs/database';
import { alertOf, type Alert, type AlertFinding } from './alert.js';
import { notFound } from './staff-actions.js';

/** An alert that nobody resolves for long goes on gathering; a reader gets its newest. */
const FINDINGS_SHOWN_MAX = 500;
const HISTORY_SHOWN_MAX = 1_000;

export interface AlertDetail extends Alert {
  /** Oldest first, the newest `FINDINGS_SHOWN_MAX`. */
  findings: AlertFinding[];
  findingsCount: number;
  /** Oldest first, the newest `HISTORY_SHOWN_MAX`. */
  history: { id: string; atMs: number; what: string; who: string; note: string | null }[];
}

/** One alert without its story, or undefined. */
export async function findAlert(db: Executor, id: string): Promise<Alert | undefined> {
  const row = await db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();
  return row && alertOf(row);
}

/**
 * One alert with what it rests on and all that happened to it.
 * @throws CodedError HW-NOT-FOUND
 */
export async function getAlert(db: Executor, id: string): Promise<AlertDetail> {
  const alert = await findAlert(db, id);
  if (!alert) throw notFound();
  const findings = await db.selectFrom('findings').selectAll().where('alertId', '=', id).orderBy('atMs', 'desc').orderBy('key', 'desc').limit(FINDINGS_SHOWN_MAX).execute();
  const { count } = await db.selectFrom('findings').select((eb) => eb.fn.countAll<number | bigint | string>().as('count')).where('alertId', '=', id).executeTakeFirstOrThrow();
  const history = await db.selectFrom('alertHistory').select(['id', 'atMs', 'what', 'who', 'note']).where('alertId', '=', id).orderBy('id', 'desc').limit(HISTORY_SHOWN_MAX).execute();
  return { ...alert, findings: findings.toReversed().map(findingOf), findingsCount: Number(count), history: history.toReversed() };
}

function findingOf(row: Schema['findings']): AlertFinding {
  const { key, episode, change, rule, ruleVersion, severity, fromMs, atMs, reason, evidenceJson, parametersJson } = row;
  return {
    key, episode, rule, ruleVersion, fromMs, atMs, reason,
    change: change as AlertFinding['change'],
    severity: severity as AlertFinding['severity'],
    evidence: JSON.parse(evidenceJson) as AlertFinding['evidence'],
    parameters: JSON.parse(parametersJson) as AlertFinding['parameters'],
  };
}
