import { sql } from 'kysely';
import { atomically, storableText, type Executor, type Schema } from '#libs/database';
import { matching, type QuarantineFilter } from './quarantine.js';

/** Who reads the journal, and so reads again what is replayed: each once, with its own mark. */
export type ReplayConsumer = 'detection' | 'series';

/** A message of the quarantine that is to be read again. */
export interface PendingReplay {
  key: string;
  home: string;
  topic: string;
  receivedMs: number;
  payload: Uint8Array;
}

export interface ReplayOutcome {
  key: string;
  /** False: still not all of it can be read; it stays in quarantine as not read. */
  readable: boolean;
  /** A sentence for people. */
  outcome: string;
}

/** What became of a message that was to be read again. `done` is false while a consumer has still to do so. */
export interface Replay {
  requestedMs: number;
  requestedBy: string;
  done: boolean;
  outcome: string | null;
}

/** Asked for at once, at most; the rest with the next request. */
const REPLAYS_MAX = 1_000;
const KEYS_PER_QUERY = 200;
const OUTCOME_MAX = 500;

/**
 * Asks for messages to be read again that could not be read and have not been since, the oldest first, up
 * to 1,000. Asking again for one is fine: it is read once more. Answers how many.
 */
export async function requestReplay(db: Executor, filter: QuarantineFilter & { keys?: readonly string[] }, requestedBy: string, nowMs: number): Promise<number> {
  return atomically(db, async (trx) => {
    let query = matching(trx, filter).select('key').where('kind', '=', 'message').where('home', 'is not', null).where('replayedMs', 'is', null);
    if (filter.keys !== undefined) query = query.where('key', 'in', filter.keys.slice(0, REPLAYS_MAX));
    const keys = (await query.orderBy('atMs').orderBy('key').limit(REPLAYS_MAX).execute()).map(({ key }) => key);
    const anew = { requestedMs: nowMs, requestedBy, detectionMs: null, seriesMs: null, readable: null, outcome: null };
    for (let i = 0; i < keys.length; i += KEYS_PER_QUERY) {
      await trx.insertInto('quarantineReplays').values(keys.slice(i, i + KEYS_PER_QUERY).map((key) => ({ key, ...anew })))
        .onConflict((conflict) => conflict.column('key').doUpdateSet(anew)).execute();
    }
    return keys.length;
  });
}

/** What this consumer has still to read again, in the order of arrival. */
export async function pendingReplays(db: Executor, consumer: ReplayConsumer, limit: number): Promise<PendingReplay[]> {
  const rows = await db.selectFrom('quarantineReplays').innerJoin('quarantine', 'quarantine.key', 'quarantineReplays.key')
    .select(['quarantine.key', 'quarantine.home', 'quarantine.topic', 'quarantine.atMs', 'quarantine.payload'])
    .where(doneColumn(consumer), 'is', null).orderBy('quarantine.atMs').orderBy('quarantine.key').limit(limit).execute();
  return rows.map(({ key, home, topic, atMs, payload }) => ({ key, home: home ?? '', topic: topic ?? '', receivedMs: atMs, payload: new Uint8Array(Buffer.from(payload, 'base64')) }));
}

/**
 * Marks what this consumer has read again; commit it with what came of it. Once both have, a message that
 * could be read is marked so in the quarantine. The row's lock makes the later of the two see the other.
 */
export async function settleReplays(trx: Executor, consumer: ReplayConsumer, outcomes: readonly ReplayOutcome[], nowMs: number): Promise<void> {
  for (const { key, readable, outcome } of outcomes) {
    const told = consumer === 'detection' ? { detectionMs: nowMs, readable: readable ? 1 : 0, outcome: storableText(outcome, OUTCOME_MAX) } : { seriesMs: nowMs };
    await trx.updateTable('quarantineReplays').set(told).where('key', '=', key).execute();
    await trx.updateTable('quarantine').set({ replayedMs: nowMs }).where('key', '=', key)
      .where((eb) => eb.exists(eb.selectFrom('quarantineReplays').select(sql`1`.as('one')).where('quarantineReplays.key', '=', key)
        .where('detectionMs', 'is not', null).where('seriesMs', 'is not', null).where('readable', '=', 1))).execute();
  }
}

/** How replays stand, by key; keys that nobody asked for are missing. */
export async function replaysOf(db: Executor, keys: readonly string[]): Promise<Map<string, Replay>> {
  const found = new Map<string, Replay>();
  for (let i = 0; i < keys.length; i += KEYS_PER_QUERY) {
    const rows = await db.selectFrom('quarantineReplays').selectAll().where('key', 'in', keys.slice(i, i + KEYS_PER_QUERY)).execute();
    for (const { key, requestedMs, requestedBy, detectionMs, seriesMs, outcome } of rows) found.set(key, { requestedMs, requestedBy, outcome, done: detectionMs !== null && seriesMs !== null });
  }
  return found;
}

function doneColumn(consumer: ReplayConsumer): keyof Schema['quarantineReplays'] {
  return consumer === 'detection' ? 'detectionMs' : 'seriesMs';
}
