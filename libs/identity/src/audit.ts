import { newId, storableText, type Executor } from '#libs/database';

/** Who did what, to what. */
export interface AuditEntry {
  /** `user/<username>`, `token/<name>`, `bootstrap-token`, `command-line` or `service`. */
  who: string;
  /** Past tense, such as `signed-in`, `home-registered`; of the bootstrap token: the request. */
  what: string;
  /** The pseudonym or id of what it was done to. */
  subject?: string | null;
  /** Never secrets; of people, pseudonyms only. */
  detail?: Record<string, string | number | boolean | null>;
}

export interface Audited extends Required<Omit<AuditEntry, 'detail'>> {
  id: string;
  atMs: number;
  detail: Record<string, string | number | boolean | null> | null;
}

const TEXT_MAX = 300;
const PAGE_MAX = 1_000;

/** Adds to the audit trail; commit it with what it tells of. */
export async function recordAudit(db: Executor, { who, what, subject = null, detail }: AuditEntry, nowMs: number): Promise<void> {
  await db.insertInto('audit').values({
    id: newId(nowMs), atMs: nowMs, who: storableText(who, TEXT_MAX), what: storableText(what, TEXT_MAX), subject: subject === null ? null : storableText(subject, TEXT_MAX),
    detailJson: detail === undefined ? null : JSON.stringify(detail),
  }).execute();
}

/** The newest first; `before` is the `next` of the page before; `limit` at most 1,000. */
export async function listAudit(db: Executor, { before, limit = 100 }: { before?: string; limit?: number } = {}): Promise<{ items: Audited[]; next?: string }> {
  const max = Math.max(1, Math.min(limit, PAGE_MAX));
  let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(max);
  if (before !== undefined) query = query.where('id', '<', before);
  const items = (await query.execute()).map(({ detailJson, ...row }) => ({ ...row, detail: detailJson === null ? null : JSON.parse(detailJson) as Audited['detail'] }));
  const last = items.at(-1);
  return items.length === max && last ? { items, next: last.id } : { items };
}
