import { lastChange, type Database } from '#libs/database';
import type { HomeFacts } from '#libs/detection';
import { loadFactsOfHomes } from '#libs/registry';
import { assert } from '#libs/runtime';

const LOOKED_UP_EVERY_MS = 250;

/** What the registry knows of each home, read again when the registry's change number moved. */
export class FactsBook {
  private readonly facts = new Map<string, HomeFacts>();
  private change = -1;
  private lookedUpMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly database: Database) {}

  async refresh(clockMs: number): Promise<void> {
    if (Math.abs(clockMs - this.lookedUpMs) < LOOKED_UP_EVERY_MS) return;
    const change = await lastChange(this.database, 'registry');
    if (change !== this.change) this.facts.clear();
    this.change = change;
    this.lookedUpMs = clockMs;
  }

  /** Loads what is not known yet of these homes. */
  async know(homes: Iterable<string>): Promise<void> {
    const missing = [...homes].filter((home) => !this.facts.has(home));
    if (missing.length === 0) return;
    for (const [home, facts] of await loadFactsOfHomes(this.database, missing)) this.facts.set(home, facts);
  }

  /** Of a home that `know` was called for since the last `refresh`. */
  of(home: string): HomeFacts {
    const facts = this.facts.get(home);
    assert(facts !== undefined, 'the facts of a home are loaded before it is advanced');
    return facts;
  }
}
