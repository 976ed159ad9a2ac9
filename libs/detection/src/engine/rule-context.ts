import type { Finding } from '../finding.js';
import { silentPeriods } from '../fleet/silent-periods.js';
import type { DeviceFact, FleetBucket } from '../home-facts.js';
import { mergePeriods, type Period } from '../time/period.js';
import type { HomeMemory } from './home-state.js';
import type { PreparedFacts } from './prepared-facts.js';
import type { ParameterValues, Parameters } from './rule.js';

/** Whom or what a finding is about. */
export interface Subject {
  kind: Exclude<Finding['subjectKind'], 'fleet'>;
  id: string;
}

/** All that a rule may ask beside its state and the reading; the same whenever the same journal is read. */
export class RuleContext<P extends Parameters = Parameters> {
  constructor(
    readonly home: string,
    readonly ruleId: string,
    readonly subject: Subject,
    readonly parameters: ParameterValues<P>,
    /** The home's time. */
    readonly nowMs: number,
    /** Up to where readings have been put in order; the sorted lane's own time. */
    readonly watermarkMs: number,
    /** True if the reading differs from what its device last said of this kind (sorted lane, states only). */
    readonly changed: boolean,
    readonly memory: Readonly<HomeMemory>,
    private readonly facts: PreparedFacts,
    private readonly fleet: readonly FleetBucket[],
    private readonly deaf: readonly Period[],
  ) {}

  get timeZone(): string {
    return this.facts.facts.timeZone;
  }

  get residentCount(): number {
    return this.facts.residentCount;
  }

  /** What the device was at that time; undefined if nobody registered it, or it was retired. */
  device(id: string, atMs: number): DeviceFact | undefined {
    return this.facts.device(id, atMs);
  }

  /** The periods of these contexts that touch the time between. */
  contexts(kinds: readonly string[], fromMs: number, untilMs = fromMs): Period[] {
    return this.facts.contexts(kinds, fromMs, untilMs);
  }

  /** When nothing could be heard of any home, as far as is known now: not a person's silence. */
  unheard(): Period[] {
    const deaf = this.deaf.map(({ fromMs, untilMs }) => ({ fromMs, untilMs: Math.min(untilMs, this.nowMs) }));
    return mergePeriods([...silentPeriods(this.fleet, this.nowMs), ...deaf]);
  }

  /** The key of a finding of this rule and subject: unique for ever, so a repeat after a crash is recognised. */
  key(cause: string, fromMs: number, step: string): string {
    return `${this.home}/${this.ruleId}/${this.subject.kind}:${this.subject.id}/${cause}/${fromMs}/${step}`;
  }
}
