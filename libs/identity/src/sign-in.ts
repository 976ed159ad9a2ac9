import { CodedError, seconds } from '#libs/runtime';
import type { Executor } from '#libs/database';
import { recordSecurityEvent } from '#libs/registry';
import { recordAudit } from './audit.js';
import { passwordMatches } from './password-hash.js';
import { SignInThrottle } from './sign-in-throttle.js';
import type { StaffRole } from './staff-role.js';
import { canonicalUsername } from './users.js';

export interface SignedIn {
  userId: string;
  username: string;
  role: StaffRole;
}

const TEXT_MAX = 256;
const CHECKS_AT_ONCE_MAX = 2; // 19 MiB and a core each.
const CHECKS_WAITING_MAX = 100;
const ofThisThread = new SignInThrottle();

/**
 * Who signs in with this username and password, or null: wrong, unknown or disabled, which take
 * alike long. Success is audited, failure is a security event.
 * @param from where it comes from (`address`, for throttling) and the throttle (one a thread unless
 *   said otherwise)
 * @throws CodedError HW-SIGN-IN-WAIT after too many failures, saying for how long
 */
export async function signIn(db: Executor, username: string, password: string, nowMs: number, { address = '', throttle = ofThisThread }: { address?: string; throttle?: SignInThrottle } = {}): Promise<SignedIn | null> {
  const asked = canonicalUsername(username.slice(0, TEXT_MAX));
  const waitMs = throttle.attempt(asked, address, nowMs);
  if (waitMs > 0) throw mustWait(waitMs);
  const user = asked.includes('\0') ? undefined : await db.selectFrom('users').selectAll().where('username', '=', asked).executeTakeFirst();
  const right = await inTurn(() => passwordMatches(password.slice(0, TEXT_MAX + 1), user?.passwordHash ?? ''));
  if (!right || !user || user.disabledMs !== null) {
    // Only a known name is recorded: people type passwords into the wrong field.
    await recordSecurityEvent(db, { atMs: nowMs, code: 'HW-SIGN-IN-FAILED', home: null, username: user?.username ?? null, detail: `sign-in refused${address === '' ? '' : `, from ${address}`}` });
    return null;
  }
  throttle.succeeded(asked, address);
  await recordAudit(db, { who: `user/${user.username}`, what: 'signed-in' }, nowMs);
  return { userId: user.id, username: user.username, role: user.role as StaffRole };
}

function mustWait(waitMs: number): CodedError {
  return new CodedError('HW-SIGN-IN-WAIT', 'Too many failed sign-ins', `Wait ${Math.ceil(waitMs / seconds(1))} s and try again`);
}

let checking = 0;
const waiting: (() => void)[] = [];

/** However many sign in at once, the service keeps its memory and a core. */
async function inTurn<T>(check: () => Promise<T>): Promise<T> {
  if (waiting.length >= CHECKS_WAITING_MAX) throw mustWait(seconds(5));
  if (checking >= CHECKS_AT_ONCE_MAX) await new Promise<void>((resolve) => { waiting.push(resolve); });
  else checking += 1;
  try {
    return await check();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else checking -= 1;
  }
}
