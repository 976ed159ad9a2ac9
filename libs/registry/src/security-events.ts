import { atomically, newId, storableText, type Executor } from '#libs/database';
import type { ErrorCode } from '#libs/runtime';

/** Something that looks like an attack or a gross misconfiguration: a wrong password, another home's topic. */
export interface SecurityEventInput {
  atMs: number;
  code: ErrorCode;
  home: string | null;
  /** As the client gave it; cut to 200 characters. */
  username: string | null;
  /** What happened, without secrets and payloads; cut to 500 characters. */
  detail: string;
}

export interface SecurityEvent extends SecurityEventInput {
  id: string;
}

const EVENTS_MAX = 10_000;
const PAGE_MAX = 1_000;

/** Records an event; of all events the newest 10,000 are kept. */
export async function recordSecurityEvent(db: Executor, event: SecurityEventInput): Promise<void> {
  await atomically(db, async (trx) => {
    await trx.insertInto('securityEvents').values({
      id: newId(event.atMs),
      atMs: event.atMs,
      code: event.code,
      home: event.home === null ? null : storableText(event.home, 64),
      username: event.username === null ? null : storableText(event.username, 200),
      detail: storableText(event.detail, 500),
    }).execute();
    const oldest = await trx.selectFrom('securityEvents').select('atMs').orderBy('atMs', 'desc').offset(EVENTS_MAX).limit(1).executeTakeFirst();
    if (oldest) await trx.deleteFrom('securityEvents').where('atMs', '<=', oldest.atMs).execute();
  });
}

/** The newest first; `before` is the `next` of the page before; `limit` at most 1,000. */
export async function listSecurityEvents(db: Executor, { home, before, limit = 100 }: { home?: string; before?: string; limit?: number } = {}): Promise<{ items: SecurityEvent[]; next?: string }> {
  const max = Math.max(1, Math.min(limit, PAGE_MAX));
  let query = db.selectFrom('securityEvents').selectAll().orderBy('id', 'desc').limit(max);
  if (home !== undefined) query = query.where('home', '=', home);
  if (before !== undefined) query = query.where('id', '<', before);
  const items = (await query.execute()).map((row) => ({ ...row, code: row.code as ErrorCode }));
  const last = items.at(-1);
  return items.length === max && last ? { items, next: last.id } : { items };
}
