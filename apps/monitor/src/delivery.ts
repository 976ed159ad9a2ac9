import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '#libs/database';
import { deliverDue, type DeliveryOptions } from '#libs/notifications';
import type { Clock } from '#libs/runtime';
import type { Trouble } from './retrying.js';

const LOOKED_EVERY_MS = 1_000;
/** A mail server that answers slowly must not keep the next alert waiting. */
const ROUNDS_AT_ONCE_MAX = 5;

/** Sends what is due: at once when told of something new, and every second besides. */
export class Delivery {
  private wake: () => void = () => undefined;
  private readonly rounds = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly options: DeliveryOptions,
    private readonly clock: Clock,
    private readonly trouble: Trouble,
  ) {}

  nudge(): void {
    this.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.rounds.size < ROUNDS_AT_ONCE_MAX) this.begin();
      await Promise.race([
        new Promise<void>((resolve) => { this.wake = resolve; }),
        sleep(LOOKED_EVERY_MS, undefined, { signal }).catch(() => undefined),
      ]);
    }
    await Promise.all(this.rounds); // What is being sent is settled, else it would be sent again.
  }

  private begin(): void {
    const round: Promise<void> = this.round().finally(() => this.rounds.delete(round));
    this.rounds.add(round);
  }

  private async round(): Promise<void> {
    try {
      const { claimed } = await deliverDue(this.database, this.options, this.clock.nowMs());
      this.trouble.clear('delivery');
      if (claimed > 0) this.wake(); // There may be more.
    } catch (error) {
      this.trouble.set('delivery', error instanceof Error ? error.message : String(error));
    }
  }
}
