import { lastChange } from '#libs/database';
import { nextLoginEndMs, stillValid } from '#libs/registry';
import type { Logger } from '#libs/runtime';
import type { LoginParts } from './log-in.js';

const POLL_EVERY_MS = 200;

/**
 * Closes the connections of logins that were revoked or have ended, within about 200 ms. A look-up
 * that began before the revocation and ends after it is refused too.
 */
export function watchRevocations({ db, sessions, lookups, clock, logger, onTrouble }: Pick<LoginParts, 'db' | 'sessions' | 'lookups' | 'clock'> & {
  logger: Logger;
  /** Told why the database can't be asked, and null when it can be again. */
  onTrouble: (reason: string | null) => void;
}): { stop(): Promise<void> } {
  let seen = -1;
  let nextEndMs = Number.POSITIVE_INFINITY;
  let stopped = false;
  let looking: Promise<void> = Promise.resolve();
  let troubled = false;
  let timer: NodeJS.Timeout;

  const look = async (): Promise<void> => {
    const change = await lastChange(db, 'credentials');
    if (change !== seen || clock.nowMs() >= nextEndMs) {
      const lookedMs = clock.nowMs();
      await closeRevoked({ db, sessions, lookups, clock });
      nextEndMs = await nextLoginEndMs(db, lookedMs);
      seen = change;
    }
  };
  const schedule = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      looking = look().then(
        () => {
          if (troubled) onTrouble(null);
          troubled = false;
        },
        (error: unknown) => {
          if (!troubled) logger.error({ err: error }, 'revoked logins can not be looked up');
          troubled = true;
          onTrouble(error instanceof Error ? error.message : String(error));
        },
      ).then(schedule);
    }, POLL_EVERY_MS);
  };
  schedule();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return looking;
    },
  };
}

async function closeRevoked({ db, sessions, lookups, clock }: Pick<LoginParts, 'db' | 'sessions' | 'lookups' | 'clock'>): Promise<void> {
  const asked = [...lookups]; // Begun before the answer: they may have read the login as it was.
  const usernames = new Set([...sessions.usernames(), ...asked.map(({ username }) => username)]);
  const valid = await stillValid(db, [...usernames], clock.nowMs());
  for (const lookup of asked) if (!valid.has(lookup.username)) lookup.revoked = true;
  for (const username of usernames) {
    if (valid.has(username)) continue;
    for (const session of sessions.ofUsername(username)) {
      session.revoked = true;
      session.client.close();
    }
  }
}
