import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLogger } from '#libs/runtime';
import { openJournalReader, openJournalWriter, type JournalEntry, type JournalReader, type JournalWriter, type NewEntry } from './index.js';
import { PowerLost, SimulatedStorage } from './simulated-storage.js';

const logger = createLogger('test', 'silent');
const FOLDER = '/data/journal';
const SEED = Number(process.env['SEED'] ?? Math.floor(performance.now() * 1_000) % 1e9);

interface Round {
  /** Bytes of each payload; appended in bursts. */
  bursts: number[][];
  operations: number;
  end: 'process' | 'power' | 'close';
  consumer: 'fast' | 'slow';
  prune: boolean;
}

const rounds: fc.Arbitrary<Round[]> = fc.array(fc.record({
  bursts: fc.array(fc.array(fc.oneof(fc.nat(40), fc.nat(1_500)), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 15 }),
  operations: fc.oneof(fc.nat(25), fc.integer({ min: 20, max: 120 }), fc.integer({ min: 60, max: 400 }), fc.constant(100_000)),
  end: fc.constantFrom('process', 'power', 'power', 'power', 'close'),
  consumer: fc.constantFrom('fast', 'slow'),
  prune: fc.boolean(),
}), { minLength: 1, maxLength: 7 });

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const entryOf = (number: number, bytes: number): NewEntry => ({
  receivedMs: number, topic: `homes/h/devices/d/${number}`, payload: Buffer.alloc(bytes, String(number)), login: 'hub',
  qos: 1, dup: false, retain: false, connection: 1, packetId: number % 65_536,
});

const numberOf = ({ topic, payload }: JournalEntry): number => {
  const number = Number(topic.split('/').at(-1));
  expect(Buffer.compare(payload, Buffer.alloc(payload.length, String(number)))).toBe(0);
  return number;
};

/** What must hold, and what was promised so far. */
class Ledger {
  appended = 0;
  readonly acknowledged = new Set<number>();
  /** Position → number, of everything that a reader was ever given. */
  readonly seen = new Map<number, number>();
  readonly released: Record<'fast' | 'slow', number> = { fast: 0, slow: 0 };
  /** The same with releases that a crash cut off: they may have been saved, or not. */
  readonly releasing: Record<'fast' | 'slow', number> = { fast: 0, slow: 0 };

  look(entry: JournalEntry): void {
    const number = numberOf(entry);
    const before = this.seen.get(entry.position);
    if (before !== undefined) expect(number).toBe(before); // A position never changes what it holds.
    this.seen.set(entry.position, number);
  }

  /** After a restart: everything promised is there, in order, and nothing else. */
  async check(storage: SimulatedStorage): Promise<void> {
    const reader = await openJournalReader({ folder: FOLDER, log: 'up', consumer: 'checker', storage });
    const entries = await readAll(reader, 0);
    await reader.close();
    storage.tamper(`${FOLDER}/up/consumers/checker`, null); // Else it would keep the log from being pruned.
    const numbers = entries.map(numberOf);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b)); // In the order of the appends, none twice.
    expect(numbers.every((number) => number > 0 && number <= this.appended)).toBe(true); // None invented.
    const there = new Map(entries.map((entry) => [entry.position, numberOf(entry)]));
    const kept = Math.min(this.releasing.fast, this.releasing.slow);
    for (const [position, number] of this.seen) if (position > kept || there.has(position)) expect(there.get(position)).toBe(number);
    const positions = entries.map(({ position }) => position);
    if (positions.length > 0) expect(positions[0]).toBeLessThanOrEqual(kept + 1); // Nothing went that somebody needed.
    const first = numbers[0] ?? Math.max(0, ...[...this.seen].filter(([position]) => position <= kept).map(([, number]) => number)) + 1;
    for (const number of this.acknowledged) if (number >= first) expect(numbers).toContain(number);
    for (const [index, position] of positions.entries()) if (index > 0) expect(position).toBe(positions[index - 1]! + 1);
  }
}

async function readAll(reader: JournalReader, from: number): Promise<JournalEntry[]> {
  const all: JournalEntry[] = [];
  for (let position = from; ;) {
    const entries = await reader.readAfter(position, { entriesMax: 7, bytesMax: 2_000 });
    if (entries.length === 0) return all;
    all.push(...entries);
    position = entries.at(-1)!.position;
  }
}

async function append(writer: JournalWriter, ledger: Ledger, { bursts, prune }: Round): Promise<void> {
  let waiting = 0;
  let settled: (() => void) | undefined;
  let lastAcknowledged = 0;
  for (const burst of bursts) {
    for (const bytes of burst) {
      const number = ledger.appended += 1;
      waiting += 1;
      writer.append(entryOf(number, bytes), (error) => {
        waiting -= 1;
        if (error === undefined) {
          expect(number).toBeGreaterThan(lastAcknowledged); // In the order of the appends.
          lastAcknowledged = number;
          ledger.acknowledged.add(number);
        }
        if (waiting === 0) settled?.();
      });
    }
    for (let turns = burst.length % 4; turns > 0; turns -= 1) await new Promise((resolve) => { setImmediate(resolve); });
    if (prune) await writer.prune(1e9);
  }
  if (waiting > 0) await new Promise<void>((resolve) => { settled = resolve; });
}

/** Reads along while the writer writes, as a thread of its own would. */
async function follow(storage: SimulatedStorage, ledger: Ledger, consumer: 'fast' | 'slow', stop: () => boolean): Promise<void> {
  const reader = await openJournalReader({ folder: FOLDER, log: 'up', consumer, storage });
  let position = reader.savedPosition;
  expect(position).toBeGreaterThanOrEqual(ledger.released[consumer]);
  for (let last = false; ; last = stop()) {
    const entries = await reader.readAfter(position, { entriesMax: 5, bytesMax: 1_000 });
    for (const entry of entries) ledger.look(entry);
    position = entries.at(-1)?.position ?? position;
    const release = Math.max(reader.savedPosition, consumer === 'fast' ? position : position - 10);
    ledger.releasing[consumer] = release;
    await reader.release(release);
    ledger.released[consumer] = reader.savedPosition;
    if (last && entries.length === 0) return;
    await new Promise((resolve) => { setImmediate(resolve); });
  }
}

async function play(storage: SimulatedStorage, ledger: Ledger, round: Round): Promise<void> {
  storage.cutPowerAfter(round.operations);
  const unlessPowerLost = (error: unknown): void => {
    if (storage.powered && !(error instanceof PowerLost)) throw error;
  };
  try {
    const writer = await openJournalWriter({ folder: FOLDER, log: 'up', segmentBytesMax: 8_000, retentionMs: 0, storage, logger });
    expect(writer.recovered.lost).toBeNull(); // An honest disk loses nothing that was synced.
    let done = false;
    const following = follow(storage, ledger, round.consumer, () => done).catch(unlessPowerLost);
    await append(writer, ledger, round).catch(unlessPowerLost);
    done = true;
    await following;
    if (round.end === 'close' && storage.powered) await writer.close();
  } catch (error) {
    unlessPowerLost(error);
  }
  storage.restart(round.end === 'power' ? 'power' : 'process');
}

test(`acknowledged entries survive any crash, in order, none invented, and readers see nothing that disappears (SEED=${SEED})`, async () => {
  let crashes = 0;
  let torn = 0;
  let pruned = 0;
  let acknowledged = 0;
  await fc.assert(fc.asyncProperty(rounds, fc.nat(), async (story, seed) => {
    const storage = new SimulatedStorage(randomFrom(seed));
    const ledger = new Ledger();
    for (const consumer of ['fast', 'slow']) await openJournalReader({ folder: FOLDER, log: 'up', consumer, storage });
    for (const round of story) {
      await play(storage, ledger, round);
      const writer = await openJournalWriter({ folder: FOLDER, log: 'up', segmentBytesMax: 8_000, storage, logger });
      expect(writer.recovered.lost).toBeNull();
      torn += writer.recovered.cutBytes > 0 ? 1 : 0;
      crashes += round.end === 'close' ? 0 : 1;
      await ledger.check(storage);
      await writer.close();
    }
    acknowledged += ledger.acknowledged.size;
    pruned += Math.min(ledger.released.fast, ledger.released.slow) > 0 && !(await storage.list(`${FOLDER}/up`)).includes('0000000000000001.segment') ? 1 : 0;
  }), { seed: SEED, numRuns: Number(process.env['RUNS'] ?? 100), endOnFailure: true });
  expect(crashes).toBeGreaterThan(100); // Else this tested nothing.
  expect(torn).toBeGreaterThan(0);
  expect(pruned).toBeGreaterThan(0);
  expect(acknowledged).toBeGreaterThan(1_000);
}, 120_000);
