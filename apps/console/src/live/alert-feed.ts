import { listAlerts, type Alert } from '#libs/alerts';
import { lastChange, type Database } from '#libs/database';
import type { Logger } from '#libs/runtime';

/** Alerts told at a time; more follow in the next round. */
const BATCH_MAX = 200;
/** How long a follower may lie behind before it is told to look at the list instead, in alerts. */
export const RESUME_MAX = 2_000;

export type AlertListener = (alerts: Alert[]) => void;

/**
 * Follows the alerts' change number once for all clients of this process: one small query a round
 * while nothing happens, whoever else writes the alerts.
 */
export class AlertFeed {
  private readonly listeners = new Set<AlertListener>();
  private timer: NodeJS.Timeout | undefined;
  private change = 0;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly db: Database, private readonly log: Logger, private readonly everyMs = 500) {}

  async start(): Promise<void> {
    this.change = await lastChange(this.db, 'alerts');
    this.schedule();
  }

  /** The change number up to which listeners have been told. */
  get position(): number {
    return this.change;
  }

  /** Tells every alert that changes from now on. Returns how to stop. */
  listen(listener: AlertListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What changed after `sinceChange` up to now, for a client that comes back. */
  async missed(sinceChange: number): Promise<Alert[]> {
    const page = await listAlerts(this.db, { limit: RESUME_MAX, changedSince: sinceChange });
    return page.items.filter((alert) => alert.change <= this.change);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.listeners.clear();
    await this.running;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.round().catch((error: unknown) => this.log.warn({ err: error }, 'alerts could not be followed; trying again')).then(() => this.schedule());
    }, this.everyMs);
  }

  private async round(): Promise<void> {
    if (this.listeners.size === 0) {
      this.change = await lastChange(this.db, 'alerts'); // Nobody to tell.
      return;
    }
    if (await lastChange(this.db, 'alerts') === this.change) return;
    const { items } = await listAlerts(this.db, { limit: BATCH_MAX, changedSince: this.change });
    if (items.length === 0) return;
    this.change = items.at(-1)!.change;
    for (const listener of this.listeners) listener(items);
  }
}
