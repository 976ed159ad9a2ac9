import type { Database, Executor } from '#libs/database';
import { pendingReplays, settleReplays, type PendingReplay, type ReplayConsumer, type ReplayOutcome } from '#libs/quarantine';
import type { Decoded, Reading } from '#libs/telemetry';

const LOOKED_UP_EVERY_MS = 1_000;
const MESSAGES_PER_STEP_MAX = 100;

/**
 * Messages of the quarantine that somebody wants read again by the decoders of today, for one consumer
 * of the journal. They are worked on as late input with their own time of arrival, and marked in the
 * transaction that saves the consumer's position: after a crash they are read again, which changes
 * nothing.
 */
export class ReplayBook {
  private readonly unsaved = new Map<string, ReplayOutcome>();
  private lookedUpMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly database: Database, private readonly consumer: ReplayConsumer) {}

  /** The next few, if it is time to look; call `settled` for each once its effects are recorded. */
  async due(clockMs: number): Promise<PendingReplay[]> {
    if (this.unsaved.size > 0 || Math.abs(clockMs - this.lookedUpMs) < LOOKED_UP_EVERY_MS) return [];
    this.lookedUpMs = clockMs;
    return pendingReplays(this.database, this.consumer, MESSAGES_PER_STEP_MAX);
  }

  settled(key: string, decoded: Decoded): void {
    this.unsaved.set(key, { key, readable: decoded.faults.length === 0, outcome: outcomeOf(decoded) });
  }

  get hasUnsaved(): boolean {
    return this.unsaved.size > 0;
  }

  async save(executor: Executor, nowMs: number): Promise<void> {
    if (this.unsaved.size > 0) await settleReplays(executor, this.consumer, [...this.unsaved.values()], nowMs);
  }

  /** Call once the position has been committed. */
  saved(): void {
    this.unsaved.clear();
  }
}

function outcomeOf({ readings, faults }: Decoded): string {
  const count = readings.length === 1 ? '1 reading' : `${readings.length} readings`;
  if (faults.length === 0) return `Read after all: ${count}`;
  return `${readings.length === 0 ? 'Still not readable' : `${count}; the rest is still not readable`}: ${faults.map(({ reason }) => reason).join('; ')}`;
}

/** A number from then must not look like a gap in the numbering of now. */
export function withoutNumber({ seq: _seq, ...reading }: Reading): Reading {
  return reading;
}
