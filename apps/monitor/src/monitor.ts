import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase, type Database } from '#libs/database';
import { openJournalReader, openJournalWriter, type JournalReader, type JournalWriter } from '#libs/journal';
import { days, type Clock, type Logger, type Settings } from '#libs/runtime';
import type { DecodeOptions } from '#libs/telemetry';
import { openTimeSeries, type TimeSeries } from '#libs/timeseries';
import { loadCheckpoint } from './checkpoints.js';
import { noteDeafness } from './deafness.js';
import { Delivery } from './delivery.js';
import { DetectionConsumer } from './detection-consumer.js';
import { detectionTime } from './detection-time.js';
import { FactsBook } from './facts-book.js';
import { FleetBook } from './fleet-book.js';
import { HomeBook } from './home-book.js';
import { MemoryBook } from './memory-book.js';
import { Pruning } from './pruning.js';
import { Trouble } from './retrying.js';
import { SeriesConsumer } from './series-consumer.js';
import { ReplayBook } from './replay-book.js';
import { Sightings } from './sightings.js';
import { WiringBook } from './wiring-book.js';

/** What the monitor holds open. */
interface Stores {
  database: Database;
  detectionJournal: JournalReader;
  seriesJournal: JournalReader;
  down: JournalWriter;
  series: TimeSeries;
}

/**
 * Opens the stores and runs the monitor's loops side by side in this thread:
 *
 *   journal ─▶ DetectionConsumer ─▶ alerts, outbox ─▶ Delivery ─▶ mail
 *        └──▶ SeriesConsumer ────▶ time series
 *
 * A loop that fails beyond retrying ends the whole monitor through `onFailure`.
 */
export class Monitor {
  private loops: Promise<void>[] = [];

  private constructor(private readonly stores: Stores, private readonly stopping: AbortController, readonly trouble: Trouble, private readonly log: Logger) {}

  static async start(settings: Settings, clock: Clock, log: Logger, onFailure: (error: unknown) => void): Promise<Monitor> {
    const trouble = new Trouble(log);
    const stopping = new AbortController();
    const stores = await openStores(settings, trouble, log, stopping.signal);
    const monitor = new Monitor(stores, stopping, trouble, log);
    await monitor.run(settings, clock, onFailure);
    return monitor;
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the monitor stops'));
    await Promise.allSettled(this.loops);
    const { database, detectionJournal, seriesJournal, down, series } = this.stores;
    for (const store of [down, detectionJournal, seriesJournal, series]) await store.close();
    await database.destroy();
  }

  private async run(settings: Settings, clock: Clock, onFailure: (error: unknown) => void): Promise<void> {
    const { stores, trouble, stopping: { signal } } = this;
    const { database, detectionJournal, seriesJournal, down, series } = stores;
    const decoding: DecodeOptions = { checkClock: settings.clock === 'system', retentionMs: days(settings.retentionDays[0]) };
    const delivery = new Delivery(database, { smtpUrl: settings.smtpUrl, from: settings.mailFrom, publicUrl: settings.publicUrl, clock }, clock, trouble);
    const checkpoint = await loadCheckpoint(database, 'detection');
    const homes = await HomeBook.load(database);
    const time = detectionTime(settings.clock, checkpoint.nowMs);
    const detection = new DetectionConsumer({
      database, journal: detectionJournal, down, decoding, memories: new MemoryBook(database, 'detection'), clock, trouble, homes,
      time,
      deaf: settings.clock === 'system' ? await noteDeafness(database, detectionJournal, checkpoint.savedMs, clock.nowMs()) : [],
      facts: new FactsBook(database),
      fleet: await FleetBook.load(database, settings.clock, checkpoint.nowMs),
      sightings: new Sightings(database),
      wiring: new WiringBook(database),
      replays: new ReplayBook(database, 'detection'),
      onTelling: () => delivery.nudge(),
    }, checkpoint.position);
    const pruning = new Pruning(database, series, settings.retentionDays, time, trouble);
    const storing = new SeriesConsumer(database, seriesJournal, series, decoding, clock, trouble);
    this.loops = [detection, storing, delivery, pruning].map(async (loop) => {
      try {
        await loop.run(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.log.fatal({ err: error }, 'the monitor failed');
        onFailure(error);
      }
    });
  }
}

async function openStores(settings: Settings, trouble: Trouble, log: Logger, signal: AbortSignal): Promise<Stores> {
  const { dataDir } = settings;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const folder = join(dataDir, 'journal');
  return {
    database: await openDatabase({
      url: settings.databaseUrl,
      sqliteFile: join(dataDir, 'hearthwatch.db'),
      onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
    }),
    detectionJournal: await openJournalReader({ folder, log: 'up', consumer: 'detection' }),
    seriesJournal: await openJournalReader({ folder, log: 'up', consumer: 'series' }),
    down: await openJournalWriter({ folder, log: 'down' }),
    series: await openTimeSeries({
      url: settings.timeseriesUrl,
      sqliteFile: join(dataDir, 'series.db'),
      onHolding: (reason) => trouble.set('series', reason),
      signal, // Else a monitor whose InfluxDB is away could not stop.
    }),
  };
}
