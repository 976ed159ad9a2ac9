import { lastChange, type Database } from '#libs/database';
import { listAllWiring } from '#libs/registry';
import type { Reading } from '#libs/telemetry';

const LOOKED_UP_EVERY_MS = 250;

/**
 * Which contacts and pads are wired the wrong way round: what they tell is turned round after it has
 * been decoded, by what held when the message arrived. Both consumers of the journal do it with a
 * book of their own; an answer holds from a little after it was given (libs/registry), when both know it.
 */
export class WiringBook {
  /** home/device/kind → answers in the order of their times. */
  private answers = new Map<string, { effectiveFromMs: number; inverted: boolean }[]>();
  private change = -1;
  private lookedUpMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly database: Database) {}

  /** Call before messages of this moment are worked on. */
  async refresh(clockMs: number): Promise<void> {
    if (Math.abs(clockMs - this.lookedUpMs) < LOOKED_UP_EVERY_MS) return;
    const change = await lastChange(this.database, 'wiring');
    if (change !== this.change) {
      const answers: typeof this.answers = new Map();
      for (const { home, device, kind, effectiveFromMs, inverted } of await listAllWiring(this.database)) {
        const key = `${home}/${device}/${kind}`;
        answers.set(key, [...(answers.get(key) ?? []), { effectiveFromMs, inverted }]);
      }
      this.answers = answers;
    }
    this.change = change;
    this.lookedUpMs = clockMs;
  }

  /** The readings as they are meant. */
  rewired(readings: Reading[]): Reading[] {
    if (this.answers.size === 0) return readings;
    return readings.map((reading) => (this.isInverted(reading) ? { ...reading, value: !reading.value } : reading));
  }

  private isInverted({ home, device, kind, value, receivedMs }: Reading): boolean {
    if (typeof value !== 'boolean') return false;
    const answers = this.answers.get(`${home}/${device}/${kind}`);
    return answers?.findLast(({ effectiveFromMs }) => effectiveFromMs <= receivedMs)?.inverted ?? false;
  }
}
