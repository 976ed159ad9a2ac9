import type { DeviceStatus, Reading } from '#libs/telemetry';
import type { Evidence, Severity } from '../finding.js';
import type { RuleContext } from './rule-context.js';

/** One setting of a rule, the same for all homes until a home has its own. */
export interface ParameterSpec {
  default: number | boolean;
  /** UCUM, or `ms`, `minute of the day`, `flag`. */
  unit: string;
  /** Accepted values of a number, both ends included. */
  min?: number;
  max?: number;
  /** What it means, for the person who sets it. */
  doc: string;
}

export type Parameters = Record<string, ParameterSpec>;
export type ParameterValues<P extends Parameters> = { readonly [K in keyof P]: Widened<P[K]['default']> };
type Widened<D> = D extends boolean ? boolean : number;

/** What a rule remembers of one subject: small, plain, never changed in place. `dueAtMs`: when it wants to be asked again. */
export interface RuleState {
  dueAtMs?: number;
}

/** What a rule has to say; the engine makes the finding of it. */
export interface Saying {
  change: 'raise' | 'again' | 'clear';
  cause: string;
  severity: Severity;
  /** When what it describes began. */
  fromMs: number;
  /** Apart from the cause and `fromMs`, what makes its key unique: `urgent`, `emergency`, `clear`. */
  step: string;
  /** The key of the episode's first finding; left out by the first itself. See RuleContext.key. */
  episode?: string;
  reason: string;
  familyReason: string;
  evidence: Evidence[];
}

/** What came of a reading or of time: the next state, and what there is to say. */
export interface Step<S extends RuleState> {
  state: S | undefined;
  says?: Saying[];
}

/**
 * `resident-or-device`, `resident-or-home`: the resident whom the reading concerns, else its device or
 * the home, when nobody said whom or several live there. `device`, `home`: always that. `hub`: of a
 * status, the hub.
 */
export type SubjectOf = 'resident-or-device' | 'resident-or-home' | 'device' | 'home';

/**
 * A rule: no clock, no I/O, no memory but its state. The functions are called with the state of one
 * subject (and part), or undefined, and return the next one.
 */
export interface Rule<P extends Parameters, S extends RuleState> {
  /** Fixed once published. */
  id: string;
  /** Rises when the same readings may give other findings. */
  version: number;
  title: string;
  severities: readonly Severity[];
  /** `at-once`: judged on arrival, in order of arrival. `sorted`: judged 30 s later, in order of time. */
  lane: 'at-once' | 'sorted';
  /** Kinds that it is given, or all of them. */
  needs: readonly string[] | 'any';
  subject: SubjectOf;
  enabledByDefault: boolean;
  parameters: P;
  /** What keeps states of one subject apart, such as the kind or the room. */
  part?: (reading: Reading, context: RuleContext<P>) => string;
  advance: (state: S | undefined, reading: Reading, context: RuleContext<P>) => Step<S>;
  /** The home's time has come to the state's `dueAtMs`, in a quiet house too. */
  due?: (state: S, dueMs: number, context: RuleContext<P>) => Step<S>;
  /**
   * Sorted lane: a reading that came too late for its place. Raises nothing that is over; may bring
   * "last seen" forward and clear. Without it the rule is not given late readings.
   */
  late?: (state: S | undefined, reading: Reading, context: RuleContext<P>) => Step<S>;
  /** Sorted lane: what a device or hub says of itself. Only rules about devices take it. */
  status?: (state: S | undefined, status: Status, context: RuleContext<P>) => Step<S>;
}

/** A device's or hub's status and when it came, by detection's time. */
export interface Status extends DeviceStatus {
  atMs: number;
}

/** A rule whose parameters and state are known to itself alone. */
export type AnyRule = Rule<Parameters, RuleState>;

/** Declares a rule that remembers an S of each subject; the types of its parameters follow from what they are. */
export function rule<S extends RuleState>(): <P extends Parameters>(declared: Rule<P, S>) => AnyRule & { parameters: P } {
  return (declared) => declared as unknown as AnyRule & { parameters: typeof declared.parameters };
}

/** A reading as evidence. */
export function evidenceOf(reading: Reading): Evidence {
  return { device: reading.device, kind: reading.kind, value: reading.value, atMs: reading.atMs };
}
