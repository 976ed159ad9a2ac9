import { CodedError } from '#libs/runtime';
import { atomically, newId, type Executor } from '#libs/database';
import { recordAudit } from './audit.js';
import { hashSecret, newSecret, sameSecret } from './secrets.js';
import type { StaffRole } from './staff-role.js';

export interface ApiToken {
  id: string;
  name: string;
  createdMs: number;
  revokedMs: number | null;
}

/** On whose behalf a request with a token acts. */
export interface TokenHolder {
  /** For the audit trail. */
  who: `token/${string}` | 'bootstrap-token';
  role: StaffRole;
}

const PREFIX = 'hearthwatch_'; // Recognised by scanners for leaked secrets, and by people.
const NAME = /^[\w .@+-]{1,64}$/;
const TOKENS_MAX = 1_000;

/**
 * Makes an administrator's API token: 256 random bits, in this answer and nowhere else.
 * @throws CodedError HW-INVALID, HW-LIMIT
 */
export async function createApiToken(db: Executor, { name, who }: { name: string; who: string }, nowMs: number): Promise<{ id: string; token: string }> {
  const clean = name.trim();
  if (!NAME.test(clean)) throw new CodedError('HW-INVALID', 'name: is not 1 to 64 of A–Z a–z 0–9 _ . @ + - and space', 'Choose another name');
  const token = PREFIX + newSecret();
  const id = newId(nowMs);
  await atomically(db, async (trx) => {
    const { tokens } = await trx.selectFrom('apiTokens').select((eb) => eb.fn.countAll<number>().as('tokens')).where('revokedMs', 'is', null).executeTakeFirstOrThrow();
    if (tokens >= TOKENS_MAX) throw new CodedError('HW-LIMIT', `There are at most ${TOKENS_MAX} API tokens`, 'Revoke those that are not needed');
    await trx.insertInto('apiTokens').values({ id, name: clean, secretHash: hashSecret(token), createdMs: nowMs, revokedMs: null }).execute();
    await recordAudit(trx, { who, what: 'token-created', subject: id, detail: { name: clean } }, nowMs);
  });
  return { id, token };
}

/**
 * Whose token this is, or null. `bootstrapToken` is the setting's, which opens too; every use of it
 * is audited as `use`, the request that it was for.
 */
export async function verifyApiToken(db: Executor, token: string, { bootstrapToken, use }: { bootstrapToken: string | null; use: string }, nowMs: number): Promise<TokenHolder | null> {
  if (bootstrapToken !== null && sameSecret(token, bootstrapToken)) {
    await recordAudit(db, { who: 'bootstrap-token', what: use }, nowMs);
    return { who: 'bootstrap-token', role: 'administrator' };
  }
  if (!token.startsWith(PREFIX)) return null;
  const row = await db.selectFrom('apiTokens').select(['name', 'revokedMs']).where('secretHash', '=', hashSecret(token)).executeTakeFirst();
  return row && row.revokedMs === null ? { who: `token/${row.name}`, role: 'administrator' } : null;
}

/**
 * Ends a token at once. Twice is fine.
 * @throws CodedError HW-NOT-FOUND
 */
export async function revokeApiToken(db: Executor, id: string, { who }: { who: string }, nowMs: number): Promise<void> {
  await atomically(db, async (trx) => {
    const row = await trx.selectFrom('apiTokens').select('revokedMs').where('id', '=', id).executeTakeFirst();
    if (!row) throw new CodedError('HW-NOT-FOUND', 'There is no API token of that id', 'List the tokens and use an id from there');
    if (row.revokedMs !== null) return;
    await trx.updateTable('apiTokens').set({ revokedMs: nowMs }).where('id', '=', id).execute();
    await recordAudit(trx, { who, what: 'token-revoked', subject: id }, nowMs);
  });
}

/** The oldest first, revoked ones too; never a token or its hash. */
export async function listApiTokens(db: Executor): Promise<ApiToken[]> {
  return db.selectFrom('apiTokens').select(['id', 'name', 'createdMs', 'revokedMs']).orderBy('id').execute();
}
