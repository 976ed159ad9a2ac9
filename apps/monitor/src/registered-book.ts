import type { Database } from '#libs/database';
import type { DeviceFact } from '#libs/detection';
import type { Reading } from '#libs/telemetry';
import { FactsBook } from './facts-book.js';

/**
 * Which devices are registered in the homes that have devices of other makes, by what held when a message arrived. Both
 * consumers of the journal ask it before they decode:
 * - what a gateway merely overhears is read only of registered devices (the others may be a neighbour's);
 * - a press of a device that was registered to send `sos` is an SOS, whatever its maker calls it.
 */
export class RegisteredBook {
  private readonly facts: FactsBook;

  constructor(database: Database) {
    this.facts = new FactsBook(database);
  }

  /** Call for the homes of a batch before it is decoded; resolves once the database has answered. */
  async know(homes: readonly string[], nowMs: number): Promise<void> {
    await this.facts.refresh(nowMs);
    await this.facts.know(homes);
  }

  /** Of a home that `know` was called for with this batch. */
  isRegistered(home: string, device: string, atMs: number): boolean {
    return this.factOf(home, device, atMs)?.retired === false;
  }

  /** The readings as their devices were registered to mean them. */
  asRegistered(readings: Reading[]): Reading[] {
    return readings.map((reading) => {
      if (reading.kind !== 'button') return reading;
      const fact = this.factOf(reading.home, reading.device, reading.receivedMs);
      return fact?.retired === false && fact.kinds.includes('sos') ? { ...reading, kind: 'sos' } : reading;
    });
  }

  private factOf(home: string, device: string, atMs: number): DeviceFact | undefined {
    const versions = this.facts.of(home).devices.filter(({ id, effectiveFromMs }) => id === device && effectiveFromMs <= atMs);
    return versions.reduce<DeviceFact | undefined>((newest, version) => (newest === undefined || version.effectiveFromMs >= newest.effectiveFromMs ? version : newest), undefined);
  }
}
