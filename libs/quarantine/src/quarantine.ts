import { sql, type SelectQueryBuilder } from 'kysely';
import type { ErrorCode } from '#libs/runtime';
import { atomically, storableText, type Executor, type Schema } from '#libs/database';

/** A message that could not be read, or a point that a store refused. */
export interface QuarantineRow {
  /** `message/<journal position>` or `point/<identity>`: a repeat after a crash changes nothing. */
  key: string;
  kind: 'message' | 'point';
  /** null: the topic belongs to no home. */
  home: string | null;
  device: string | null;
  topic: string | null;
  /** When it was received. */
  atMs: number;
  code: ErrorCode;
  /** A sentence for people. */
  reason: string;
  /** As it came. */
  payload: Uint8Array;
}

export interface Quarantined extends QuarantineRow {
  /** When it was read after all, by a decoder that has learned it. */
  replayedMs: number | null;
}

/** A home that sends rubbish by the second fills no disk; the newest of each code are kept, so that no code hides another. */
export const LIMITS = { rowsPerHome: 1_000, bytesPerHome: 32 * 1024 * 1024, rowsPerCodeAfter: 100, bytesPerCodeAfter: 4 * 1024 * 1024 } as const;

const ROWS_PER_STATEMENT = 200;
const REASON_MAX = 1_000;
const TOPIC_MAX = 1_024;
const PAGE_MAX = 1_000;

type Stored = Schema['quarantine'];

/**
 * Keeps what could not be read. A key that is there already is left as it is. A home over
 * `LIMITS` loses its oldest of each code in the same transaction.
 */
export async function keepInQuarantine(db: Executor, rows: readonly QuarantineRow[]): Promise<void> {
  if (rows.length === 0) return;
  const stored = rows.map(storedOf).sort((a, b) => (a.key < b.key ? -1 : 1)); // One order for all: no deadlock.
  await atomically(db, async (trx) => {
    for (let i = 0; i < stored.length; i += ROWS_PER_STATEMENT) {
      await trx.insertInto('quarantine').values(stored.slice(i, i + ROWS_PER_STATEMENT)).onConflict((conflict) => conflict.column('key').doNothing()).execute();
    }
    for (const home of new Set(rows.map((row) => row.home))) await shrink(trx, home);
  });
}

export interface QuarantineFilter {
  home?: string;
  device?: string;
  code?: string;
  /** Anywhere in the reason or the topic, whatever its case. */
  text?: string;
}

/** The rows that fit a filter. */
export function matching(db: Executor, { home, device, code, text }: QuarantineFilter): SelectQueryBuilder<Schema, 'quarantine', object> {
  let query = db.selectFrom('quarantine');
  if (home !== undefined) query = query.where('home', '=', home);
  if (device !== undefined) query = query.where('device', '=', device);
  if (code !== undefined) query = query.where('code', '=', code);
  if (text === undefined) return query;
  const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  return query.where((eb) => eb.or([sql<boolean>`lower(reason) like ${pattern} escape '\\'`, sql<boolean>`lower(topic) like ${pattern} escape '\\'`]));
}

/** The newest first; `after` is the `next` of the page before; `limit` at most 1,000. */
export async function listQuarantine(db: Executor, { after, limit = 100, ...filter }: QuarantineFilter & { after?: string; limit?: number } = {}): Promise<{ items: Quarantined[]; next?: string }> {
  const max = Math.max(1, Math.min(limit, PAGE_MAX));
  let query = matching(db, filter).selectAll().orderBy('atMs', 'desc').orderBy('key', 'desc').limit(max);
  const from = cursorOf(after);
  if (from) query = query.where((eb) => eb.or([eb('atMs', '<', from.atMs), eb.and([eb('atMs', '=', from.atMs), eb('key', '<', from.key)])]));
  const items = (await query.execute()).map(({ payload, kind, code: known, ...row }) => ({
    ...row, kind: kind as QuarantineRow['kind'], code: known as ErrorCode, payload: new Uint8Array(Buffer.from(payload, 'base64')),
  }));
  const last = items.at(-1);
  return items.length === max && last ? { items, next: `${last.atMs}/${last.key}` } : { items };
}

/** How many of each code are kept, of one home or of all, the most frequent first. */
export async function countQuarantine(db: Executor, { home }: { home?: string } = {}): Promise<{ code: ErrorCode; count: number; newestMs: number }[]> {
  let query = db.selectFrom('quarantine')
    .select((eb) => ['code', eb.fn.countAll<number>().as('count'), eb.fn.max<number>('atMs').as('newestMs')]).groupBy('code');
  if (home !== undefined) query = query.where('home', '=', home);
  const counts = (await query.execute()).map(({ code, ...row }) => ({ code: code as ErrorCode, ...row }));
  return counts.sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}

/** Drops what was received before `beforeMs`. */
export async function pruneQuarantine(db: Executor, beforeMs: number): Promise<number> {
  await db.deleteFrom('quarantineReplays').where('requestedMs', '<', beforeMs).execute();
  const { numDeletedRows } = await db.deleteFrom('quarantine').where('atMs', '<', beforeMs).executeTakeFirst();
  return Number(numDeletedRows);
}

async function shrink(trx: Executor, home: string | null): Promise<void> {
  const { rows, bytes } = await trx.selectFrom('quarantine').select((eb) => [eb.fn.countAll<number>().as('rows'), sql<number | string | null>`sum(octet_length(payload))`.as('bytes')])
    .where('home', home === null ? 'is' : '=', home).executeTakeFirstOrThrow();
  if (rows <= LIMITS.rowsPerHome && Number(bytes) <= LIMITS.bytesPerHome) return;
  const ranked = trx.selectFrom('quarantine').where('home', home === null ? 'is' : '=', home).select([
    'key',
    sql<number>`row_number() over (partition by code order by "atMs" desc, key desc)`.as('nth'),
    sql<number>`sum(octet_length(payload)) over (partition by code order by "atMs" desc, key desc)`.as('bytes'),
  ]);
  await trx.deleteFrom('quarantine').where('key', 'in', trx.selectFrom(ranked.as('ranked')).select('ranked.key')
    .where((eb) => eb.or([eb('ranked.nth', '>', LIMITS.rowsPerCodeAfter), eb('ranked.bytes', '>', LIMITS.bytesPerCodeAfter)]))).execute();
}

function storedOf({ key, kind, home, device, topic, atMs, code, reason, payload }: QuarantineRow): Stored {
  return {
    key: storableText(key, TOPIC_MAX), kind, home, device, topic: topic === null ? null : storableText(topic, TOPIC_MAX), atMs, code,
    reason: storableText(reason, REASON_MAX), payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('base64'), replayedMs: null,
  };
}

function cursorOf(after: string | undefined): { atMs: number; key: string } | undefined {
  const match = /^(\d{1,16})\/(.+)$/s.exec(after ?? '');
  return match ? { atMs: Number(match[1]), key: match[2]! } : undefined;
}
