import { hours, minutes, seconds } from '#libs/runtime';

interface Failures {
  count: number;
  lastMs: number;
}

/** Failures that cost nothing; from then on the wait doubles with each. */
const FREE = {
  /** One user from one address: somebody who mistypes, or guesses. */
  pair: 5,
  /** One address whatever the user: one machine that tries a list of names. */
  address: 20,
  /** One user whatever the address: many machines that guess one password. */
  user: 50,
} as const;

const WAIT_FIRST_MS = seconds(1);
const WAIT_MAX_MS = minutes(15);
const FORGOTTEN_AFTER_MS = hours(1);
const ENTRIES_MAX = 20_000;

/**
 * Slows guessing down without locking staff out: who has signed in from an address before is not
 * slowed by strangers who guess that user's password elsewhere. Bounded in memory: beyond 20,000
 * entries the longest unused are forgotten. Times are arguments.
 */
export class SignInThrottle {
  private readonly failures = new Map<string, Failures>();
  private readonly trusted = new Map<string, true>();

  constructor(private readonly entriesMax = ENTRIES_MAX) {}

  /**
   * How long to wait before this attempt, in ms; 0: go ahead, and it counts as failed until
   * `succeeded` says otherwise, so attempts at once do not slip through.
   */
  attempt(username: string, address: string, nowMs: number): number {
    const counted = this.counters(username, address);
    const waitMs = Math.max(...counted.map(([key, free]) => this.waitMs(key, free, nowMs)));
    if (waitMs > 0) return waitMs;
    for (const [key] of counted) {
      const before = this.recent(key, nowMs);
      remember(this.failures, key, { count: (before?.count ?? 0) + 1, lastMs: nowMs }, this.entriesMax);
    }
    return 0;
  }

  /** The attempt was right: its user and address start afresh. The count of other users' failures from the address stays. */
  succeeded(username: string, address: string): void {
    const pair = pairOf(username, address);
    for (const [key] of this.counters(username, address)) {
      const failures = this.failures.get(key);
      if (failures) failures.count = Math.max(0, failures.count - 1); // Its own, counted by `attempt`.
    }
    this.failures.delete(pair);
    remember(this.trusted, pair, true, this.entriesMax);
  }

  private counters(username: string, address: string): [key: string, free: number][] {
    const pair = pairOf(username, address);
    const counted: [string, number][] = [[pair, FREE.pair], [addressOf(address), FREE.address]];
    if (!this.trusted.has(pair)) counted.push([userOf(username), FREE.user]);
    return counted;
  }

  private waitMs(key: string, free: number, nowMs: number): number {
    const failures = this.recent(key, nowMs);
    if (!failures || failures.count < free) return 0;
    const pauseMs = Math.min(WAIT_FIRST_MS * 2 ** (failures.count - free), WAIT_MAX_MS);
    return Math.max(0, failures.lastMs + pauseMs - nowMs);
  }

  private recent(key: string, nowMs: number): Failures | undefined {
    const failures = this.failures.get(key);
    if (!failures || nowMs - failures.lastMs > FORGOTTEN_AFTER_MS) return undefined;
    // A clock that was set back must not lock anybody out for longer.
    return failures.lastMs > nowMs ? { ...failures, lastMs: nowMs } : failures;
  }
}

const pairOf = (username: string, address: string): string => `pair ${username} ${address}`;
const addressOf = (address: string): string => `address ${address}`;
const userOf = (username: string): string => `user ${username}`;

function remember<T>(map: Map<string, T>, key: string, value: T, max: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > max) map.delete(map.keys().next().value!);
}
