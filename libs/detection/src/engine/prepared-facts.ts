import type { ContextFact, DeviceFact, HomeFacts } from '../home-facts.js';
import type { AnyRule } from './rule.js';
import { acceptedParameters } from './rule-settings.js';

type Values = Readonly<Record<string, number | boolean>>;

/** A home's facts, arranged for being asked for every reading. */
export class PreparedFacts {
  private readonly devices = new Map<string, DeviceFact[]>();
  private readonly settings = new Map<string, { effectiveFromMs: number; enabled: boolean; parameters: Values }[]>();
  private readonly residents: ReadonlySet<string>;

  constructor(readonly facts: HomeFacts, rules: readonly AnyRule[]) {
    this.residents = new Set(facts.residents.map(({ id }) => id));
    for (const device of [...facts.devices].sort((a, b) => a.effectiveFromMs - b.effectiveFromMs)) {
      const versions = this.devices.get(device.id);
      if (versions === undefined) this.devices.set(device.id, [device]);
      else versions.push(device);
    }
    for (const rule of rules) {
      const rows = facts.rules.filter((row) => row.rule === rule.id).sort((a, b) => a.effectiveFromMs - b.effectiveFromMs);
      this.settings.set(rule.id, [
        { effectiveFromMs: Number.NEGATIVE_INFINITY, enabled: rule.enabledByDefault, parameters: acceptedParameters(rule, {}) },
        ...rows.map((row) => ({ effectiveFromMs: row.effectiveFromMs, enabled: row.enabled, parameters: acceptedParameters(rule, row.parameters) })),
      ]);
    }
  }

  get residentCount(): number {
    return this.residents.size;
  }

  /** The only resident, if there is exactly one. */
  get onlyResident(): string | undefined {
    return this.residents.size === 1 ? this.facts.residents[0]?.id : undefined;
  }

  isResident(id: string): boolean {
    return this.residents.has(id);
  }

  /** What the device was at that time; undefined if nobody registered it, or it was retired. */
  device(id: string, atMs: number): DeviceFact | undefined {
    const device = this.devices.get(id)?.findLast(({ effectiveFromMs }) => effectiveFromMs <= atMs);
    return device === undefined || device.retired ? undefined : device;
  }

  setting(ruleId: string, atMs: number): { enabled: boolean; parameters: Values } {
    const setting = this.settings.get(ruleId)?.findLast(({ effectiveFromMs }) => effectiveFromMs <= atMs);
    return setting ?? { enabled: false, parameters: {} };
  }

  /** Contexts of these kinds that touch the period. */
  contexts(kinds: readonly string[], fromMs: number, untilMs: number): ContextFact[] {
    return this.facts.contexts.filter((context) => kinds.includes(context.kind) && context.fromMs <= untilMs && context.untilMs > fromMs);
  }
}
