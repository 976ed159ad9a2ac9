import type { Database, Executor } from '#libs/database';
import { decodeMessage, memoryHome, type Decoded, type DecodeOptions, type DecoderMemory, type Message } from '#libs/telemetry';
import type { Consumer } from './checkpoints.js';

const ROWS_PER_STATEMENT_MAX = 200;
/** Homes whose memory is kept at hand; those that were used longest ago are read again when they speak. */
const HOMES_MAX = 20_000;
/** A decoder bounds its part; what is larger all the same is forgotten, and told again by the bridge. */
const JSON_CHARACTERS_MAX = 1_000_000;

/**
 * What the decoders remember of each home, for one consumer of the journal: saved with its position, so that
 * after a crash the same entries are decoded again from the same memory. Only homes with
 * devices of foreign families have one.
 */
export class MemoryBook {
  private readonly memories = new Map<string, DecoderMemory>();
  private readonly changed = new Set<string>();

  constructor(private readonly database: Database, private readonly consumer: Consumer) {}

  /** The homes of these messages whose memory is needed and has not been read yet. */
  missing(messages: readonly Message[]): string[] {
    const homes = new Set<string>();
    for (const { topic } of messages) {
      const home = memoryHome(topic);
      if (home !== undefined && !this.memories.has(home)) homes.add(home);
    }
    return [...homes];
  }

  /** Reads the memories of these homes; call for all that are missing before decoding. */
  async know(homes: readonly string[]): Promise<void> {
    for (let from = 0; from < homes.length; from += ROWS_PER_STATEMENT_MAX) {
      const some = homes.slice(from, from + ROWS_PER_STATEMENT_MAX);
      const rows = await this.database.selectFrom('decoderMemories').select(['home', 'memoryJson'])
        .where('consumer', '=', this.consumer).where('home', 'in', some).execute();
      const known = new Map(rows.map(({ home, memoryJson }) => [home, JSON.parse(memoryJson) as DecoderMemory]));
      for (const home of some) this.memories.set(home, known.get(home) ?? {});
    }
  }

  /** Decodes a message with its home's memory, which moves on. */
  decode(message: Message, options: DecodeOptions): Decoded {
    const home = memoryHome(message.topic);
    return home === undefined ? decodeMessage(message, options) : decodeMessage(message, options, this.of(home));
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
