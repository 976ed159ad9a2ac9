import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '#libs/database';
import type { JournalReader } from '#libs/journal';
import { keepInQuarantine } from '#libs/quarantine';
import { Counter, Gauge, metrics, type Clock } from '#libs/runtime';
import { readingIdentity, type DecodeOptions, type Reading } from '#libs/telemetry';
import type { TimeSeries } from '#libs/timeseries';
import { loadCheckpoint, saveCheckpoint } from './checkpoints.js';
import { MemoryBook } from './memory-book.js';
import { ReplayBook } from './replay-book.js';
import { Redeliveries } from './redeliveries.js';
import { untilDone, type Trouble } from './retrying.js';
import { WiringBook } from './wiring-book.js';

const LIMITS = { entriesMax: 5_000, bytesMax: 4 * 1024 * 1024 };
const IDLE_MS = 25;
const SAVED_EVERY_MS = 1_000;

const stored = new Counter({ name: 'hearthwatch_readings_stored_total', help: 'Readings written to the time series', registers: [metrics] });
const refusedPoints = new Counter({ name: 'hearthwatch_points_refused_total', help: 'Readings that the time series refused', registers: [metrics] });
const behind = new Gauge({ name: 'hearthwatch_series_backlog_entries', help: 'Journal entries not yet in the time series', registers: [metrics] });

/**
 * journal ─▶ decode ─▶ time series. A consumer of its own, so that a time series that is away delays
 * nobody's alert. The position is saved after the points are durable; a repeat overwrites itself.
 */
export class SeriesConsumer {
  private readonly redeliveries = new Redeliveries();
  private readonly memories: MemoryBook;
  private readonly wiring: WiringBook;
  private readonly replays: ReplayBook;
  private position = 0;
  private savedPosition = 0;
  private savedMs = 0;

  constructor(
    private readonly database: Database,
    private readonly journal: JournalReader,
    private readonly series: TimeSeries,
    private readonly decoding: DecodeOptions,
    private readonly clock: Clock,
    private readonly trouble: Trouble,
  ) {
    this.memories = new MemoryBook(database, 'series');
    this.wiring = new WiringBook(database);
    this.replays = new ReplayBook(database, 'series');
  }

  /** Runs until stopped by the signal; the last position is saved on the way out. */
  async run(signal: AbortSignal): Promise<void> {
    this.position = (await loadCheckpoint(this.database, 'series')).position;
    this.savedPosition = this.position;
    while (!signal.aborted) {
      const count = await this.step(signal);
      await this.replay(signal);
      await this.save(signal, count === 0);
      if (count === 0) await sleep(IDLE_MS, undefined, { signal }).catch(() => undefined);
    }
    await this.save(signal, true);
  }

  private async step(signal: AbortSignal): Promise<number> {
    const entries = await this.journal.readAfter(this.position, LIMITS);
    const decoded = await this.memories.decode(entries, this.decoding, this.clock.nowMs(), (read) => untilDone('database', this.trouble, signal, read));
    await untilDone('database', this.trouble, signal, () => this.wiring.refresh(this.clock.nowMs()));
    const readings: Reading[] = [];
    for (const [index, entry] of entries.entries()) {
      if (!this.redeliveries.isRepeat(entry, decoded[index]!)) readings.push(...this.wiring.rewired(decoded[index]!.readings));
    }
    await this.store(readings, signal);
    this.position = entries.at(-1)?.position ?? this.position;
    if (entries.length < LIMITS.entriesMax) behind.set(0);
    else behind.set(Math.max(0, (await this.journal.endPosition()) - this.position));
    return entries.length;
  }

  private async store(readings: readonly Reading[], signal: AbortSignal): Promise<void> {
    if (readings.length === 0) return;
    const { refused } = await untilDone('series', this.trouble, signal, () => this.series.append(readings));
    if (refused.length > 0) await untilDone('database', this.trouble, signal, () => this.quarantine(refused));
    stored.inc(readings.length - refused.length);
  }

  /** What somebody wants read again: stored where it belongs. */
  private async replay(signal: AbortSignal): Promise<void> {
    const load = <T>(read: () => Promise<T>): Promise<T> => untilDone('database', this.trouble, signal, read);
    const clockMs = this.clock.nowMs();
    for (const message of await load(() => this.replays.due(clockMs))) {
      const decoded = await this.memories.decodeAside(message, this.decoding, clockMs, load);
      await this.store(this.wiring.rewired(decoded.readings), signal);
      this.replays.settled(message.key, decoded);
    }
  }

  private async quarantine(refused: { reading: Reading; reason: string }[]): Promise<void> {
    refusedPoints.inc(refused.length);
    await keepInQuarantine(this.database, refused.map(({ reading, reason }) => ({
      key: `point/${readingIdentity(reading)}`,
      kind: 'point' as const,
      home: reading.home,
      device: reading.device,
      topic: null,
      atMs: reading.receivedMs,
      code: 'HW-SERIES-REFUSED' as const,
      reason,
      payload: Buffer.from(JSON.stringify(reading)),
    })));
  }

  private async save(signal: AbortSignal, now: boolean): Promise<void> {
    if (this.position === this.savedPosition && !this.replays.hasUnsaved) return;
    const nowMs = this.clock.nowMs();
    if (!now && Math.abs(nowMs - this.savedMs) < SAVED_EVERY_MS) return;
    const { position } = this;
    const write = async (): Promise<void> => {
      await this.database.transaction().execute(async (trx) => {
        await this.memories.save(trx);
        await this.replays.save(trx, nowMs);
        await saveCheckpoint(trx, 'series', { position, nowMs }, nowMs);
      });
      await this.journal.release(position);
    };
    await (signal.aborted ? write() : untilDone('database', this.trouble, signal, write));
    this.memories.saved();
    this.replays.saved();
    this.savedPosition = position;
    this.savedMs = nowMs;
  }
}
