import { createHash, randomInt } from 'node:crypto';
import { atomically, type Executor } from '#libs/database';
import { CodedError, days, minutes } from '#libs/runtime';
import { checkedTime } from './checks.js';
import { CLAIM_CODE_BASE, CLAIM_CODE_NUMBERS, claimCode, readClaimCode } from './claim-code.js';
import { checkedLogin, insertLogin, type LoginInput, type LoginKind, type NewLogin } from './credentials.js';
import { lockHome } from './homes.js';
import { full, invalid } from './refusal.js';

/** A code that was made; never the code itself. */
export interface Claim {
  home: string;
  kind: LoginKind;
  device: string | null;
  createdMs: number;
  createdBy: string;
  expiresMs: number;
  /** When it was exchanged for a login, and for which. */
  claimedMs: number | null;
  username: string | null;
}

const OPEN_MAX = 100;
const VALID_MIN_MS = minutes(1);
const VALID_MAX_MS = days(14);

/**
 * Makes a code that a hub or a device exchanges for a login of this home, once, until `expiresMs`. The code
 * is in this answer and nowhere else.
 * @throws CodedError HW-INVALID, HW-NOT-FOUND, HW-LIMIT
 */
export async function createClaim(db: Executor, home: string, input: LoginInput & { expiresMs: number; createdBy: string }, nowMs: number): Promise<{ code: string; expiresMs: number }> {
  const { kind, device } = checkedLogin(input);
  const expiresMs = checkedTime('expires', input.expiresMs);
  if (expiresMs < nowMs + VALID_MIN_MS || expiresMs > nowMs + VALID_MAX_MS) throw invalid('expires', 'is not between a minute and 14 days from now');
  const code = claimCode(Array.from({ length: CLAIM_CODE_NUMBERS }, () => randomInt(CLAIM_CODE_BASE)));
  await atomically(db, async (trx) => {
    await lockHome(trx, home);
    const { open } = await trx.selectFrom('claims').select((eb) => eb.fn.countAll<number>().as('open'))
      .where('home', '=', home).where('claimedMs', 'is', null).where('expiresMs', '>', nowMs).executeTakeFirstOrThrow();
    if (open >= OPEN_MAX) throw full('open claim codes', OPEN_MAX);
    await trx.insertInto('claims').values({ codeHash: hashOf(code), home, kind, device, createdMs: nowMs, createdBy: input.createdBy, expiresMs, claimedMs: null, username: null }).execute();
  });
  return { code, expiresMs };
}

/**
 * Exchanges a code for its login; whoever comes second gets nothing. Wrong, used and expired codes are
 * answered alike; one that can't be a code says that it was mistyped.
 * @throws CodedError HW-CLAIM-MISTYPED, HW-CLAIM-UNKNOWN, HW-LIMIT
 */
export async function redeemClaim(db: Executor, typed: string, nowMs: number): Promise<NewLogin & { home: string; kind: LoginKind; device: string | null }> {
  const code = readClaimCode(typed);
  if (code === null) throw new CodedError('HW-CLAIM-MISTYPED', 'This is no claim code: a character is wrong or missing', 'Compare it with the code on the page: 12 letters and digits, never 0, O, 1, I or L');
  return atomically(db, async (trx) => {
    const claim = await trx.updateTable('claims').set({ claimedMs: checkedTime('nowMs', nowMs) })
      .where('codeHash', '=', hashOf(code)).where('claimedMs', 'is', null).where('expiresMs', '>', nowMs)
      .returning(['home', 'kind', 'device']).executeTakeFirst();
    if (claim === undefined) throw new CodedError('HW-CLAIM-UNKNOWN', 'This claim code is not known, has been used, or has expired', 'Make a new code in the console');
    const login = { home: claim.home, kind: claim.kind as LoginKind, device: claim.device };
    await lockHome(trx, claim.home);
    const made = await insertLogin(trx, login, nowMs);
    await trx.updateTable('claims').set({ username: made.username }).where('codeHash', '=', hashOf(code)).execute();
    return { ...made, ...login };
  });
}

/** A home's codes, the newest first: open, used and expired ones. */
export async function listClaims(db: Executor, home: string): Promise<Claim[]> {
  const rows = await db.selectFrom('claims').select(['home', 'kind', 'device', 'createdMs', 'createdBy', 'expiresMs', 'claimedMs', 'username'])
    .where('home', '=', home).orderBy('createdMs', 'desc').orderBy('codeHash').limit(OPEN_MAX).execute();
  return rows.map((row) => ({ ...row, kind: row.kind as LoginKind }));
}

const hashOf = (code: string): string => createHash('sha256').update(`hearthwatch claim ${code}`).digest('base64url');
