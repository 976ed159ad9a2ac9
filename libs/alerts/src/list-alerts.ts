import type { Executor } from '#libs/database';
import { lastChange } from '#libs/database';
import type { Severity } from '#libs/detection';
import { CodedError } from '#libs/runtime';
import { alertOf, type Alert } from './alert.js';
import type { AlertStatus } from './alert-transitions.js';
import { SEVERITIES } from './severity.js';

const ALERTS_PER_PAGE_MAX = 1_000;

export interface AlertQuery {
  /** One status, or `unresolved`: open and acknowledged. Without it: all. */
  status?: AlertStatus | 'unresolved';
  home?: string;
  /** `next` of the page before. */
  after?: string;
  limit: number;
  /** Only what changed after this change number, in the order of change: for live pages. */
  changedSince?: number;
}

export interface AlertPage {
  items: Alert[];
  /** Cursor of the next page, if there may be one. */
  next?: string;
  /** The newest change number when the page was read; ask for `changedSince` this to follow. */
  change: number;
}

/**
 * Open alerts first, then acknowledged ones, each by severity and newest first; then what is
 * resolved, newest first. With `changedSince`: in the order of change, whatever the status asked for.
 * @throws CodedError HW-INVALID for a cursor that isn't one
 */
export async function listAlerts(db: Executor, query: AlertQuery): Promise<AlertPage> {
  const limit = Math.max(1, Math.min(query.limit, ALERTS_PER_PAGE_MAX));
  const change = await lastChange(db, 'alerts'); // Before the rows: what changes meanwhile is shown again, never missed.
  if (query.changedSince !== undefined) return { ...(await changed(db, { ...query, limit, changedSince: query.changedSince })), change };
  return { ...(await ranked(db, { ...query, limit })), change };
}

async function changed(db: Executor, { status, home, after, limit, changedSince }: AlertQuery & { changedSince: number }): Promise<Omit<AlertPage, 'change'>> {
  const since = after === undefined ? changedSince : wholeNumber(after);
  let select = db.selectFrom('alerts').selectAll().where('change', '>', since);
  if (home !== undefined) select = select.where('home', '=', home);
  if (status !== undefined) select = select.where('status', 'in', status === 'unresolved' ? ['open', 'acknowledged'] : [status]);
  const rows = await select.orderBy('change').limit(limit).execute();
  return { items: rows.map(alertOf), ...(rows.length === limit ? { next: String(rows.at(-1)!.change) } : {}) };
}

/** One stretch of the list: alerts that only their time orders, so an index gives them in order. */
interface Stretch {
  status: AlertStatus;
  severity?: Severity;
}

const STRETCHES: readonly Stretch[] = [
  ...SEVERITIES.map((severity) => ({ status: 'open' as const, severity })),
  ...SEVERITIES.map((severity) => ({ status: 'acknowledged' as const, severity })),
  { status: 'resolved' },
];

interface Cursor {
  stretch: number;
  openedMs: number;
  id: string;
}

async function ranked(db: Executor, { status, home, after, limit }: AlertQuery): Promise<Omit<AlertPage, 'change'>> {
  const cursor = after === undefined ? undefined : cursorOf(after);
  const items: Alert[] = [];
  for (let stretch = cursor?.stretch ?? 0; stretch < STRETCHES.length && items.length < limit; stretch++) {
    const wanted = STRETCHES[stretch]!;
    if (status === 'unresolved' ? wanted.status === 'resolved' : status !== undefined && wanted.status !== status) continue;
    const from = cursor?.stretch === stretch ? cursor : undefined;
    items.push(...(await page(db, wanted, { home, from, limit: limit - items.length })));
  }
  const last = items.at(-1);
  return { items, ...(last && items.length === limit ? { next: `${stretchOf(last)}.${last.openedMs}.${last.id}` } : {}) };
}

async function page(db: Executor, { status, severity }: Stretch, { home, from, limit }: { home: string | undefined; from: Cursor | undefined; limit: number }): Promise<Alert[]> {
  let select = db.selectFrom('alerts').selectAll().where('status', '=', status);
  if (severity !== undefined) select = select.where('severity', '=', severity);
  if (home !== undefined) select = select.where('home', '=', home);
  if (from) select = select.where((eb) => eb.or([eb('openedMs', '<', from.openedMs), eb.and([eb('openedMs', '=', from.openedMs), eb('id', '<', from.id)])]));
  const rows = await select.orderBy('openedMs', 'desc').orderBy('id', 'desc').limit(limit).execute();
  return rows.map(alertOf);
}

const stretchOf = (alert: Alert): number =>
  STRETCHES.findIndex(({ status, severity }) => status === alert.status && (severity === undefined || severity === alert.severity));

function cursorOf(after: string): Cursor {
  const [stretch, openedMs, ...id] = after.split('.');
  return { stretch: wholeNumber(stretch), openedMs: wholeNumber(openedMs), id: id.join('.') };
}

function wholeNumber(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw new CodedError('HW-INVALID', 'The cursor is not one of this list', 'Use "next" of the page before, unchanged');
  return Number(text);
}
