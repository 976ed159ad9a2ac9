import type { Database, Executor } from '#libs/database';
import { decodeMessage, memoryHome, type Decoded, type DecodeOptions, type DecoderMemory, type Message } from '#libs/telemetry';
import type { Consumer } from './checkpoints.js';
import { RegisteredBook } from './registered-book.js';
import { boundUnknownKinds, homeOfUnknownKind } from './unknown-kinds.js';

const ROWS_PER_STATEMENT_MAX = 200;
/** Homes whose memory is kept at hand; those that were used longest ago are read again when they speak. */
const HOMES_MAX = 20_000;
/** A decoder bounds its part; what is larger all the same is forgotten, and told again by the bridge. */
const JSON_CHARACTERS_MAX = 1_000_000;

/**
 * What the decoders remember of each home, for one consumer of the journal: saved with its position, so that
 * after a crash the same entries are decoded again from the same memory. Only homes with
 * devices of foreign families, or with unknown kinds, have one.
 */
export class MemoryBook {
  private readonly memories = new Map<string, DecoderMemory>();
  private readonly changed = new Set<string>();

  private readonly registered: RegisteredBook;

  constructor(private readonly database: Database, private readonly consumer: Consumer) {
    this.registered = new RegisteredBook(database);
  }

  /**
   * Decodes messages in their order, each with its home's memory, which moves on. `load` is given what
   * reads memories and registrations from the database, and resolves once that has succeeded; `nowMs` is the clock's time.
   */
  async decode(messages: readonly Message[], options: DecodeOptions, nowMs: number, load: (read: () => Promise<void>) => Promise<void>): Promise<Decoded[]> {
    const homes = messages.map(({ topic }) => memoryHome(topic));
    const foreign = [...new Set(homes)].filter((home) => home !== undefined);
    await this.knowAll(homes, load);
    if (foreign.length > 0) await load(() => this.registered.know(foreign, nowMs));
    const asking = this.asking(options);
    const decoded = messages.map((message, index) => {
      const home = homes[index];
      if (home === undefined) return decodeMessage(message, options);
      const one = decodeMessage(message, asking, this.of(home));
      return { ...one, readings: this.registered.asRegistered(one.readings) };
    });
    const unknown = decoded.map(homeOfUnknownKind);
    await this.knowAll(unknown, load);
    return decoded.map((one, index) => {
      const home = unknown[index];
      return home === undefined ? one : boundUnknownKinds(one, this.of(home));
    });
  }

  /**
   * Decodes a message from before with what is remembered by now. What it says of the home's devices may be
   * out of date, so nothing of it is remembered.
   */
  async decodeAside(message: Message, options: DecodeOptions, nowMs: number, load: (read: () => Promise<void>) => Promise<void>): Promise<Decoded> {
    const home = memoryHome(message.topic);
    await this.knowAll([home], load);
    if (home !== undefined) await load(() => this.registered.know([home], nowMs));
    const decoded = home === undefined ? decodeMessage(message, options) : decodeMessage(message, this.asking(options), structuredClone(this.memories.get(home) ?? {}));
    if (home !== undefined) decoded.readings = this.registered.asRegistered(decoded.readings);
    const unknown = homeOfUnknownKind(decoded);
    if (unknown === undefined) return decoded;
    await this.knowAll([unknown], load);
    return boundUnknownKinds(decoded, structuredClone(this.memories.get(unknown) ?? {}));
  }

  /** Writes the memories that changed since the last save; in the transaction that saves the position. */
  async save(executor: Executor): Promise<void> {
    const { consumer } = this;
    const rows = [...this.changed].map((home) => ({ consumer, home, memoryJson: this.written(home) }));
    for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT_MAX) {
      await executor
        .insertInto('decoderMemories').values(rows.slice(from, from + ROWS_PER_STATEMENT_MAX))
        .onConflict((conflict) => conflict.columns(['consumer', 'home']).doUpdateSet((eb) => ({ memoryJson: eb.ref('excluded.memoryJson') })))
        .execute();
    }
  }

  /** Call once the position has been committed. */
  saved(): void {
    this.changed.clear();
    for (const home of this.memories.keys()) {
      if (this.memories.size <= HOMES_MAX) break;
      this.memories.delete(home);
    }
  }

  private asking(options: DecodeOptions): DecodeOptions {
    return { ...options, isRegistered: (home, device, atMs) => this.registered.isRegistered(home, device, atMs) };
  }

  private async knowAll(homes: readonly (string | undefined)[], load: (read: () => Promise<void>) => Promise<void>): Promise<void> {
    const missing = [...new Set(homes)].filter((home) => home !== undefined && !this.memories.has(home)) as string[];
    if (missing.length > 0) await load(() => this.know(missing));
  }

  private async know(homes: readonly string[]): Promise<void> {
    for (let from = 0; from < homes.length; from += ROWS_PER_STATEMENT_MAX) {
      const some = homes.slice(from, from + ROWS_PER_STATEMENT_MAX);
      const rows = await this.database.selectFrom('decoderMemories').select(['home', 'memoryJson'])
        .where('consumer', '=', this.consumer).where('home', 'in', some).execute();
      const known = new Map(rows.map(({ home, memoryJson }) => [home, JSON.parse(memoryJson) as DecoderMemory]));
      for (const home of some) this.memories.set(home, known.get(home) ?? {});
    }
  }

  private of(home: string): DecoderMemory {
    const memory = this.memories.get(home) ?? {};
    this.memories.delete(home); // To the end: the first are those used longest ago.
    this.memories.set(home, memory);
    this.changed.add(home);
    return memory;
  }

  private written(home: string): string {
    const json = JSON.stringify(this.memories.get(home) ?? {});
    if (json.length <= JSON_CHARACTERS_MAX) return json;
    this.memories.set(home, {});
    return '{}';
  }
}
