import { days } from '#libs/runtime';
import { atomically, newId, nextChange, type Executor } from '#libs/database';
import { checkedChoice, checkedId, checkedText, checkedTime, optionalText } from './checks.js';
import { lockHome } from './homes.js';
import { full, invalid, notFound } from './refusal.js';

/** What can be known to be going on in a home. */
export const CONTEXT_KINDS = ['away', 'hospital', 'visit', 'carer', 'holiday', 'pause'] as const;
export type ContextKind = (typeof CONTEXT_KINDS)[number];

export interface ContextInput {
  kind: ContextKind;
  fromMs: number;
  /** Every context ends by itself: at most 366 days after `fromMs`. */
  untilMs: number;
  note?: string | null;
  createdBy: string;
}

export interface Context {
  id: string;
  home: string;
  kind: ContextKind;
  fromMs: number;
  untilMs: number;
  note: string | null;
  createdBy: string;
  createdMs: number;
}

const CONTEXT_MAX_MS = days(366);
const CONTEXTS_MAX = 5_000;

/**
 * Records what is known to be going on: a hospital stay, a visit. The same again changes nothing.
 * @throws CodedError HW-INVALID, HW-NOT-FOUND, HW-LIMIT
 */
export async function addContext(db: Executor, home: string, input: ContextInput, nowMs: number): Promise<Context> {
  const context = {
    home: checkedId('home', home),
    kind: checkedChoice('kind', input.kind, CONTEXT_KINDS),
    fromMs: checkedTime('from', input.fromMs),
    untilMs: checkedTime('until', input.untilMs),
    note: optionalText('note', input.note, { max: 2_000, lines: true }),
    createdBy: checkedText('createdBy', input.createdBy, { max: 200 }),
    createdMs: checkedTime('nowMs', nowMs),
  };
  if (context.untilMs <= context.fromMs) throw invalid('until', 'is not after from');
  if (context.untilMs - context.fromMs > CONTEXT_MAX_MS) throw invalid('until', 'is more than 366 days after from');
  return atomically(db, async (trx) => {
    await lockHome(trx, home);
    const contexts = await listContexts(trx, home);
    const same = contexts.find((before) => before.kind === context.kind && before.fromMs === context.fromMs && before.untilMs === context.untilMs && before.note === context.note);
    if (same) return same;
    if (contexts.length >= CONTEXTS_MAX) throw full('contexts', CONTEXTS_MAX);
    const row: Context = { id: newId(nowMs), ...context };
    await trx.insertInto('contexts').values(row).execute();
    await nextChange(trx, 'registry');
    return row;
  });
}

/**
 * Ends a context early: home from hospital before the day that was expected. One that has not begun
 * is dropped, one that is over stays as it was.
 * @throws CodedError HW-NOT-FOUND
 */
export async function endContext(db: Executor, home: string, id: string, nowMs: number): Promise<void> {
  const endMs = checkedTime('nowMs', nowMs);
  await atomically(db, async (trx) => {
    await lockHome(trx, home);
    const context = await trx.selectFrom('contexts').selectAll().where('home', '=', home).where('id', '=', id).executeTakeFirst();
    if (!context) throw notFound('context', id);
    if (context.untilMs <= endMs) return;
    if (context.fromMs >= endMs) await trx.deleteFrom('contexts').where('id', '=', id).execute();
    else await trx.updateTable('contexts').set({ untilMs: endMs }).where('id', '=', id).execute();
    await nextChange(trx, 'registry');
  });
}

/** All of a home, the earliest first; with `atMs`, those that hold at that time (`untilMs` itself is outside). */
export async function listContexts(db: Executor, home: string, atMs?: number): Promise<Context[]> {
  let query = db.selectFrom('contexts').selectAll().where('home', '=', checkedId('home', home)).orderBy('fromMs').orderBy('id');
  if (atMs !== undefined) query = query.where('fromMs', '<=', atMs).where('untilMs', '>', atMs);
  return (await query.execute()).map((row) => ({ ...row, kind: row.kind as ContextKind }));
}
