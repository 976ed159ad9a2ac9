import { randomUUIDv7 } from 'node:crypto';
import type { Executor, Schema } from '#libs/database';
import { nextChange } from '#libs/database';
import type { Finding, Severity } from '#libs/detection';
import { Counter, metrics, minutes } from '#libs/runtime';
import type { AlertChange, Occasion } from './alert-change.js';
import { statusAfter, type AlertStatus } from './alert-transitions.js';
import { SERVICE, writeHistory, type HistoryWhat } from './history.js';
import { moreSevere } from './severity.js';

/** A new episode that is found within this time of an open alert's last finding is the same trouble, and pages nobody anew unless it is an emergency. */
const REJOIN_MAX_MS = minutes(15);
const KEYS_PER_QUERY_MAX = 500;

const orphanClears = new Counter({
  name: 'hearthwatch_findings_clear_without_alert_total',
  help: 'Findings that an episode ended, of an episode that never had an alert',
  registers: [metrics],
});

type Row = Schema['alerts'];

interface At {
  /** The number of this change. */
  change: number;
  nowMs: number;
}

/** What a finding makes of an alert: the columns to set, what the history says, and whether somebody is told. */
interface Step {
  set: Partial<Row>;
  what: HistoryWhat;
  occasion: Occasion;
}

/**
 * Turns findings into alerts, in the caller's transaction and in the order given; one change per
 * finding, but for the end of an episode that never had an alert. A key that is already there
 * changes nothing, so a batch may be given again after a crash.
 *
 * A finding joins the open alert of its home, subject, rule and cause, else opens one. When staff
 * have resolved the alert of its episode, only a higher severity or another press opens a new one.
 */
export async function raiseFindings(trx: Executor, findings: readonly Finding[], nowMs: number): Promise<AlertChange[]> {
  const keys = findings.map(({ key }) => key);
  let known = await alertsByKey(trx, keys);
  let change = 0;
  if (keys.some((key) => !known.has(key))) {
    // The numbers come first: their row is locked until the transaction ends, so of several monitors
    // one at a time looks and writes. (The unique `openKey` would refuse a second alert all the same.)
    change = await nextChange(trx, 'alerts', findings.length);
    known = await alertsByKey(trx, keys); // With what another has committed while this one waited.
  }
  const changes: AlertChange[] = [];
  for (const finding of findings) {
    const alertId = known.get(finding.key);
    const made = alertId === undefined ? await raiseOne(trx, finding, { change: change++, nowMs }) : changeOf(alertId, 'none', finding);
    if (!made) continue;
    known.set(finding.key, made.alertId);
    changes.push(made);
  }
  return changes;
}

async function raiseOne(trx: Executor, finding: Finding, at: At): Promise<AlertChange | undefined> {
  const open = await trx.selectFrom('alerts').selectAll().where('openKey', '=', openKeyOf(finding)).executeTakeFirst();
  const joins = open && (finding.change !== 'clear' || (await holdsEpisode(trx, open.id, finding.episode))); // An end belongs to its own beginning.
  if (joins) return attach(trx, open, await stepOf(trx, open, finding), finding, at);

  const earlier = await alertOfEpisode(trx, finding.episode);
  if (!earlier) {
    if (finding.change !== 'clear') return openAlert(trx, finding, at);
    orphanClears.inc();
    return undefined;
  }
  const worse = finding.change === 'raise' && moreSevere(finding.severity, earlier.severity as Severity);
  if (worse || finding.change === 'again') return openAlert(trx, finding, at);
  const late: Step = { set: {}, what: finding.change === 'clear' ? 'cleared' : 'attached', occasion: 'none' };
  return attach(trx, earlier, late, finding, at);
}

/** What one more finding means for an open alert. */
async function stepOf(trx: Executor, alert: Row, finding: Finding): Promise<Step> {
  if (finding.change === 'clear') {
    const lasting = await lastingEpisodes(trx, alert.id);
    lasting.delete(finding.episode);
    return lasting.size > 0 ? { set: {}, what: 'attached', occasion: 'attached' } : { set: { clearedMs: finding.atMs }, what: 'cleared', occasion: 'cleared' };
  }
  const worse = moreSevere(finding.severity, alert.severity as Severity);
  const lesser = moreSevere(alert.severity as Severity, finding.severity);
  const set: Partial<Row> = { clearedMs: null, fromMs: Math.min(alert.fromMs, finding.fromMs) };
  if (!lesser) Object.assign(set, { severity: finding.severity, reason: finding.reason, familyReason: finding.familyReason });
  if (worse) return { set: { ...set, ...askAnew(alert) }, what: 'raised', occasion: 'raised' };
  if (finding.change === 'again') return { set, what: 'paged-again', occasion: 'paged-again' };
  const begins = await episodeBegins(trx, alert.id, finding);
  if (begins === 'apart') return { set: { ...set, ...askAnew(alert) }, what: 'returned', occasion: 'returned' };
  if (begins === 'close' && finding.severity === 'emergency') return { set, what: 'paged-again', occasion: 'paged-again' };
  return { set, what: alert.clearedMs === null ? 'attached' : 'returned', occasion: 'attached' };
}

/** Somebody acknowledged less than this: the alert is open again, and whoever is on the way stays so. */
function askAnew(alert: Row): Partial<Row> {
  return { status: statusAfter(alert.status as AlertStatus, 'reopen'), acknowledgedMs: null, acknowledgedBy: null };
}

/** Whether the alert hasn't seen the episode yet, and whether it begins close to the newest finding that it has, or apart. */
async function episodeBegins(trx: Executor, alertId: string, finding: Finding): Promise<'no' | 'close' | 'apart'> {
  if (await holdsEpisode(trx, alertId, finding.episode)) return 'no';
  const { lastMs } = await trx.selectFrom('findings').select((eb) => eb.fn.max('atMs').as('lastMs')).where('alertId', '=', alertId).executeTakeFirstOrThrow();
  return lastMs !== null && Math.abs(finding.atMs - lastMs) <= REJOIN_MAX_MS ? 'close' : 'apart'; // Late data counts in both directions.
}

async function holdsEpisode(trx: Executor, alertId: string, episode: string): Promise<boolean> {
  return (await trx.selectFrom('findings').select('key').where('episode', '=', episode).where('alertId', '=', alertId).limit(1).executeTakeFirst()) !== undefined;
}

/** The episodes of an alert whose end is not among its findings. */
async function lastingEpisodes(trx: Executor, alertId: string): Promise<Set<string>> {
  const rows = await trx.selectFrom('findings')
    .select(['episode', 'change', (eb) => eb.fn.max('atMs').as('lastMs')])
    .where('alertId', '=', alertId).groupBy(['episode', 'change']).execute();
  const ended = new Map(rows.filter((row) => row.change === 'clear').map((row) => [row.episode, row.lastMs]));
  return new Set(rows.filter((row) => row.change !== 'clear' && row.lastMs > (ended.get(row.episode) ?? -Infinity)).map((row) => row.episode));
}

async function openAlert(trx: Executor, finding: Finding, at: At): Promise<AlertChange> {
  const { home, subjectKind, subject, rule, cause, severity, reason, familyReason, fromMs, atMs } = finding;
  const id = randomUUIDv7();
  await trx.insertInto('alerts').values({
    id, home, subjectKind, subject, rule, cause, severity, reason, familyReason, fromMs, atMs,
    status: 'open', openKey: openKeyOf(finding), openedMs: at.nowMs, change: at.change,
    clearedMs: null, acknowledgedMs: null, acknowledgedBy: null, goingMs: null, goingBy: null, resolvedMs: null, resolvedBy: null, outcome: null,
  }).execute();
  await keep(trx, id, finding, 'opened', at);
  return changeOf(id, 'opened', finding);
}

async function attach(trx: Executor, alert: Row, step: Step, finding: Finding, at: At): Promise<AlertChange> {
  await trx.updateTable('alerts').set({ ...step.set, change: at.change }).where('id', '=', alert.id).execute();
  await keep(trx, alert.id, finding, step.what, at);
  const severity = step.set.severity ?? alert.severity;
  return { ...changeOf(alert.id, step.occasion, finding), severity: severity as Severity };
}

async function keep(trx: Executor, alertId: string, finding: Finding, what: HistoryWhat, at: At): Promise<void> {
  const { key, episode, change, home, rule, ruleVersion, severity, fromMs, atMs, reason, evidence, parameters } = finding;
  await trx.insertInto('findings').values({
    key, alertId, episode, change, home, rule, ruleVersion, severity, fromMs, atMs, reason,
    evidenceJson: JSON.stringify(evidence), parametersJson: JSON.stringify(parameters),
  }).execute();
  await writeHistory(trx, alertId, { what, who: SERVICE, note: reason }, at);
}

async function alertsByKey(trx: Executor, keys: string[]): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for (let from = 0; from < keys.length; from += KEYS_PER_QUERY_MAX) {
    const rows = await trx.selectFrom('findings').select(['key', 'alertId']).where('key', 'in', keys.slice(from, from + KEYS_PER_QUERY_MAX)).execute();
    for (const { key, alertId } of rows) known.set(key, alertId);
  }
  return known;
}

/** The newest alert that holds a finding of the episode, when the open one is not it: a resolved one. */
function alertOfEpisode(trx: Executor, episode: string): Promise<Row | undefined> {
  return trx.selectFrom('alerts').selectAll()
    .where('id', 'in', (eb) => eb.selectFrom('findings').select('alertId').where('episode', '=', episode))
    .orderBy('openedMs', 'desc').orderBy('id', 'desc').limit(1).executeTakeFirst();
}

const openKeyOf = ({ home, subjectKind, subject, rule, cause }: Finding): string => [home, subjectKind, subject, rule, cause].join('|');

function changeOf(alertId: string, occasion: Occasion, { home, severity, key }: Finding): AlertChange {
  return { alertId, occasion, home, severity, trigger: key };
}
