import { setTimeout as sleep } from 'node:timers/promises';
import { raiseFindings, type AlertChange } from '#libs/alerts';
import type { Database } from '#libs/database';
import { advanceHome, type Finding, type Period } from '#libs/detection';
import { planTelling } from '#libs/escalation';
import type { JournalEntry, JournalReader, JournalWriter } from '#libs/journal';
import { keepInQuarantine, type QuarantineRow } from '#libs/quarantine';
import { Counter, Gauge, metrics, type Clock } from '#libs/runtime';
import { memoryHome, type Decoded, type DecodeOptions } from '#libs/telemetry';
import { saveCheckpoint } from './checkpoints.js';
import type { DetectionTime } from './detection-time.js';
import type { FactsBook } from './facts-book.js';
import type { FleetBook } from './fleet-book.js';
import type { HomeBook } from './home-book.js';
import type { MemoryBook } from './memory-book.js';
import { Redeliveries } from './redeliveries.js';
import { withoutNumber, type ReplayBook } from './replay-book.js';
import { rejectionsOf } from './rejections.js';
import { untilDone, type Trouble } from './retrying.js';
import type { Sightings } from './sightings.js';
import type { WiringBook } from './wiring-book.js';

const LIMITS = { entriesMax: 2_000, bytesMax: 4 * 1024 * 1024 };
const IDLE_MS = 20;
const SAVED_EVERY_MS = 2_000;
/** Saving takes at most about a tenth of the time: under a flood the states are large, and reading again is cheaper. */
const SAVE_SHARE = 10;
const SAVED_EVERY_MAX_MS = 60_000;

const processed = new Counter({ name: 'hearthwatch_readings_processed_total', help: 'Readings that detection has seen', registers: [metrics] });
const faults = new Counter({ name: 'hearthwatch_messages_rejected_total', help: 'Messages or values that could not be read', labelNames: ['code'], registers: [metrics] });
const overheard = new Counter({ name: 'hearthwatch_bluetooth_unheard_total', help: 'Bluetooth messages of devices that are not registered, of which nothing is kept', registers: [metrics] });
const found = new Counter({ name: 'hearthwatch_findings_total', help: 'Findings, repeats included', labelNames: ['rule', 'severity', 'change'], registers: [metrics] });
const lag = new Gauge({ name: 'hearthwatch_detection_lag_seconds', help: 'Age of the entry that detection read last, 0 at the end of the journal', registers: [metrics] });

/** What one batch of entries asks to be recorded. */
interface Effects {
  findings: Finding[];
  quarantined: QuarantineRow[];
  rejections: { topic: string; payload: Uint8Array }[];
}

export interface DetectionParts {
  database: Database;
  journal: JournalReader;
  down: JournalWriter;
  decoding: DecodeOptions;
  memories: MemoryBook;
  clock: Clock;
  time: DetectionTime;
  homes: HomeBook;
  facts: FactsBook;
  fleet: FleetBook;
  sightings: Sightings;
  wiring: WiringBook;
  replays: ReplayBook;
  /** When the service itself heard nothing. */
  deaf: readonly Period[];
  trouble: Trouble;
  /** Told after each committed change that somebody may have to hear of. */
  onTelling: () => void;
}

/**
 * journal ─▶ decode ─▶ rules ─▶ findings ─▶ alerts and what is to be told, in one transaction.
 *
 * A batch's effects are recorded before the next batch is read. The position is saved with the
 * homes' state every few seconds: after a crash the entries since then are read again, lead to the
 * same findings with the same keys, and the alerts ignore what they already hold.
 */
export class DetectionConsumer {
  private readonly redeliveries = new Redeliveries();
  private savedMs = 0;
  private saveEveryMs = SAVED_EVERY_MS;
  private savedPosition: number;

  constructor(private readonly parts: DetectionParts, private position: number) {
    this.savedPosition = position;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const count = await this.step(signal);
      await this.replay(signal);
      await this.checkpoint(signal, false);
      if (count === 0) await sleep(IDLE_MS, undefined, { signal }).catch(() => undefined);
    }
    await this.checkpoint(signal, true);
  }

  private async step(signal: AbortSignal): Promise<number> {
    const { journal, clock, time, decoding, memories, trouble } = this.parts;
    const clockMs = clock.nowMs();
    const entries = await journal.readAfter(this.position, LIMITS);
    if (entries.length === 0) time.quiet(clockMs);
    const decoded = await memories.decode(entries, decoding, clockMs, (read) => untilDone('database', trouble, signal, read));
    const messages = entries
      .map((entry, index) => ({ entry, decoded: decoded[index]! }))
      .filter((message) => !this.redeliveries.isRepeat(message.entry, message.decoded));
    await this.prepare(new Set(messages.map(({ entry, decoded }) => homeOf(entry, decoded)).filter((home) => home !== undefined)), clockMs, signal);
    const effects: Effects = { findings: [], quarantined: [], rejections: [] };
    for (const { entry, decoded } of messages) this.take(entry, decoded, effects);
    await this.wakeQuietHomes(effects, signal);
    effects.findings.push(...this.parts.fleet.advance(time.newestMs));
    await this.record(effects, signal);
    this.position = entries.at(-1)?.position ?? this.position;
    lag.set(entries.length === 0 ? 0 : Math.max(0, (clockMs - entries.at(-1)!.receivedMs) / 1_000));
    return entries.length;
  }

  /**
   * What somebody wants read again is late input: it goes to history, and alarms page unless they were
   * cleared since. It moves no time, and what a device said of itself then is not so now.
   */
  private async replay(signal: AbortSignal): Promise<void> {
    const { clock, decoding, memories, replays, trouble, sightings, wiring } = this.parts;
    const load = <T>(read: () => Promise<T>): Promise<T> => untilDone('database', trouble, signal, read);
    const clockMs = clock.nowMs();
    for (const message of await load(() => replays.due(clockMs))) {
      const decoded = await memories.decodeAside(message, decoding, clockMs, load);
      const readings = wiring.rewired(decoded.readings).map(withoutNumber);
      if (readings.length > 0) {
        await this.prepare(new Set([message.home]), clockMs, signal);
        sightings.heard(readings);
        const effects: Effects = { findings: [], quarantined: [], rejections: [] };
        this.advance(message.home, { readings, faults: [] }, effects);
        await this.record(effects, signal);
      }
      replays.settled(message.key, decoded);
    }
  }

  /** Reads what the database knows of the batch's homes, so that the batch itself is worked without waiting. */
  private async prepare(homes: ReadonlySet<string>, clockMs: number, signal: AbortSignal): Promise<void> {
    const { facts, sightings, wiring, trouble } = this.parts;
    await untilDone('database', trouble, signal, async () => {
      await facts.refresh(clockMs);
      await wiring.refresh(clockMs);
      await facts.know(homes);
      await sightings.know(homes);
    });
  }

  private take(entry: JournalEntry, decoded: Decoded, effects: Effects): void {
    if (decoded.faults.length > 0) {
      for (const fault of decoded.faults) faults.inc({ code: fault.code });
      effects.quarantined.push(quarantineRow(entry, decoded));
      effects.rejections.push(...rejectionsOf(entry, decoded));
    }
    if (decoded.unheard !== undefined) overheard.inc(decoded.unheard);
    const home = homeOf(entry, decoded);
    if (home === undefined) return;
    const { time, sightings, fleet } = this.parts;
    const { status, announced } = decoded;
    const readings = this.parts.wiring.rewired(decoded.readings);
    sightings.heard(readings);
    if (status) sightings.said(home, status.device ?? status.hub!, status.online, entry.receivedMs);
    if (announced) sightings.announced(home, announced, entry.receivedMs);
    time.entry(home, entry.receivedMs, readings);
    fleet.heard(home, entry.receivedMs, readings);
    processed.inc(readings.length);
    this.advance(home, { ...decoded, readings }, effects);
  }

  private async wakeQuietHomes(effects: Effects, signal: AbortSignal): Promise<void> {
    const { homes, facts, time, trouble } = this.parts;
    for (let home = homes.due.takeDue(time.everywhereMs); home !== undefined; home = homes.due.takeDue(time.everywhereMs)) {
      const due = home;
      await untilDone('database', trouble, signal, () => facts.know([due]));
      this.advance(home, { readings: [], faults: [] }, effects);
    }
  }

  private advance(home: string, { readings, status }: Decoded, effects: Effects): void {
    const { homes, facts, fleet, time, deaf } = this.parts;
    const nowMs = time.of(home);
    if (nowMs === 0) return; // By the readings' clock: a status before any reading; nobody knows when it is.
    const findings = advanceHome(homes.stateOf(home), {
      readings, statuses: status ? [{ ...status, atMs: nowMs }] : [], nowMs, clock: time.clock, facts: facts.of(home), fleet: fleet.buckets, deaf,
    });
    homes.moved(home);
    effects.findings.push(...findings);
  }

  private async record({ findings, quarantined, rejections }: Effects, signal: AbortSignal): Promise<void> {
    const { database, down, clock, trouble, onTelling } = this.parts;
    if (findings.length > 0) {
      for (const { rule, severity, change } of findings) found.inc({ rule, severity, change });
      const changes = await untilDone('database', trouble, signal, () => database.transaction().execute(async (trx): Promise<AlertChange[]> => {
        const raised = await raiseFindings(trx, findings, clock.nowMs());
        await planTelling(trx, raised, clock.nowMs());
        return raised;
      }));
      if (changes.length > 0) onTelling();
    }
    if (quarantined.length > 0) await untilDone('database', trouble, signal, () => keepInQuarantine(database, quarantined));
    if (rejections.length > 0) {
      const receivedMs = clock.nowMs();
      await untilDone('down-log', trouble, signal, () => down.appendMany(rejections.map((rejection) => ({ ...rejection, receivedMs, login: '', qos: 1, dup: false, retain: false, connection: 0, packetId: 0 }))));
    }
  }

  private async checkpoint(signal: AbortSignal, now: boolean): Promise<void> {
    const { database, journal, clock, time, homes, fleet, sightings, memories, replays, trouble } = this.parts;
    const savedMs = clock.nowMs();
    if (!now && Math.abs(savedMs - this.savedMs) < this.saveEveryMs) return;
    const { position } = this;
    const write = async (): Promise<void> => {
      await database.transaction().execute(async (trx) => {
        await homes.save(trx);
        await fleet.save(trx);
        await sightings.save(trx);
        await memories.save(trx);
        await replays.save(trx, savedMs);
        await saveCheckpoint(trx, 'detection', { position, nowMs: time.newestMs }, savedMs);
      });
      if (position !== this.savedPosition) await journal.release(position);
    };
    await (signal.aborted ? write() : untilDone('database', trouble, signal, write));
    homes.saved();
    fleet.saved();
    sightings.saved();
    memories.saved();
    replays.saved();
    this.savedMs = clock.nowMs();
    this.saveEveryMs = Math.min(Math.max(SAVED_EVERY_MS, SAVE_SHARE * (this.savedMs - savedMs)), SAVED_EVERY_MAX_MS);
    this.savedPosition = position;
  }
}

/** The home that a message says something of; whether it is heard. */
function homeOf(entry: JournalEntry, { readings, status, announced }: Decoded): string | undefined {
  return readings[0]?.home ?? status?.home ?? (announced === undefined ? undefined : memoryHome(entry.topic));
}

function quarantineRow(entry: JournalEntry, { faults }: Decoded): QuarantineRow {
  const [first] = faults;
  return {
    key: `message/${entry.position}`,
    kind: 'message',
    home: first!.home,
    device: first!.device,
    topic: entry.topic,
    atMs: entry.receivedMs,
    code: first!.code,
    reason: faults.map((fault) => fault.reason).join('; ').slice(0, 1_000),
    payload: entry.payload,
  };
}
