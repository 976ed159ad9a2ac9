import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#libs/runtime';

const FIRST_WAIT_MS = 100;
const WAIT_MAX_MS = 10_000;

/** Which parts of the monitor can't do their work just now, and why; read by the health report. */
export class Trouble {
  private readonly reasons = new Map<string, string>();

  constructor(private readonly log: Logger) {}

  set(part: string, reason: string): void {
    if (!this.reasons.has(part)) this.log.error({ part, reason }, 'a part of the monitor is failing; holding');
    this.reasons.set(part, reason);
  }

  clear(part: string): void {
    if (this.reasons.delete(part)) this.log.info({ part }, 'a part of the monitor works again');
  }

  failing(): string[] {
    return [...this.reasons.keys()];
  }
}

/**
 * Does an effect until it succeeds: state has already moved on in memory, so giving one up would
 * lose what it was to record. Waits longer each time, up to 10 s. Ends early only when the monitor
 * stops, by throwing the signal's reason; nothing is then saved and a restart repeats the batch.
 */
export async function untilDone<T>(part: string, trouble: Trouble, signal: AbortSignal, effect: () => Promise<T>): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, WAIT_MAX_MS)) {
    signal.throwIfAborted();
    try {
      const result = await effect();
      trouble.clear(part);
      return result;
    } catch (error) {
      if (signal.aborted) throw error;
      trouble.set(part, error instanceof Error ? error.message : String(error));
      await sleep(waitMs, undefined, { signal });
    }
  }
}
