import type { Database } from '#libs/database';
import { recordSecurityEvent } from '#libs/registry';
import type { Clock, ErrorCode, Logger } from '#libs/runtime';
import { refusals } from './broker-metrics.js';

const RECORDED_PER_MINUTE_MAX = 30;
const SAME_EVERY_MS = 60_000;
const REMEMBERED_MAX = 1_000;

export interface Refusal {
  code: ErrorCode;
  home: string | null;
  username: string | null;
  detail: string;
}

/**
 * Counts every refusal and records some: one a minute of the same login and kind (code and
 * words, whatever the numbers), 30 a minute in all. An attack must not turn into writes.
 */
export class SecurityLog {
  private minute = 0;
  private recorded = 0;
  private readonly lastMs = new Map<string, number>();

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  refused(refusal: Refusal): void {
    refusals.inc({ code: refusal.code });
    const nowMs = this.clock.nowMs();
    if (!this.mayRecord(`${refusal.code} ${refusal.home} ${refusal.username} ${refusal.detail.replace(/\d+/g, '')}`, nowMs)) return;
    recordSecurityEvent(this.db, { atMs: nowMs, ...refusal }).catch((error: unknown) => {
      this.logger.error({ err: error, code: refusal.code }, 'a security event could not be recorded');
    });
  }

  private mayRecord(same: string, nowMs: number): boolean {
    const minute = Math.floor(nowMs / 60_000);
    if (minute !== this.minute) {
      this.minute = minute;
      this.recorded = 0;
    }
    const lastMs = this.lastMs.get(same);
    if (lastMs !== undefined && Math.abs(nowMs - lastMs) < SAME_EVERY_MS) return false;
    if (this.recorded >= RECORDED_PER_MINUTE_MAX) return false;
    this.recorded += 1;
    if (this.lastMs.size >= REMEMBERED_MAX) this.lastMs.clear();
    this.lastMs.set(same, nowMs);
    return true;
  }
}
