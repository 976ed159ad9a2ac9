import type { Reading } from '#libs/telemetry';
import type { RuleContext } from '../engine/rule-context.js';
import { evidenceOf, rule, type ParameterValues, type Step } from '../engine/rule.js';
import type { Evidence } from '../finding.js';
import { AGREED, dayEpisode, endDay, maySpeak, type DayState } from './day-episode.js';
import { beyondLimit, type Exceeded, type Limit } from './limits.js';

const mmHg = (value: number, min: number, max: number, doc: string) => ({ default: value, unit: 'mm[Hg]', min, max, doc });

const PARAMETERS = {
  systolicHighRoutine: mmHg(160, 100, 260, 'Systolic pressure at or above this is raised for the next working day.'),
  systolicHighUrgent: mmHg(180, 100, 280, 'Systolic pressure at or above this is urgent.'),
  systolicLowUrgent: mmHg(90, 50, 140, 'Systolic pressure at or below this is urgent.'),
  diastolicHighRoutine: mmHg(100, 60, 160, 'Diastolic pressure at or above this is raised for the next working day.'),
  diastolicHighUrgent: mmHg(120, 60, 180, 'Diastolic pressure at or above this is urgent.'),
  diastolicLowRoutine: mmHg(55, 25, 90, 'Diastolic pressure below this is raised for the next working day.'),
  agreed: AGREED,
};
type Context = RuleContext<typeof PARAMETERS>;
type Name = Exclude<keyof typeof PARAMETERS, 'agreed'>;

const SYSTOLIC: readonly Limit<Name>[] = [
  { severity: 'urgent', beyond: '>=', parameter: 'systolicHighUrgent' },
  { severity: 'urgent', beyond: '<=', parameter: 'systolicLowUrgent' },
  { severity: 'routine', beyond: '>=', parameter: 'systolicHighRoutine' },
];
const DIASTOLIC: readonly Limit<Name>[] = [
  { severity: 'urgent', beyond: '>=', parameter: 'diastolicHighUrgent' },
  { severity: 'routine', beyond: '>=', parameter: 'diastolicHighRoutine' },
  { severity: 'routine', beyond: '<', parameter: 'diastolicLowRoutine' },
];

const CAUSE = 'limits';
const CHECK_CAUSE = 'implausible';
/** The two halves of a measurement that come in messages of their own. */
const OTHER_HALF_WAIT_MS = 5_000;

/** One measurement, of which a half may still be missing. */
interface Measurement {
  device: string;
  atMs: number;
  systolic?: number;
  diastolic?: number;
}

interface PressureState extends DayState {
  /** Waits for its other half until `untilMs`. */
  half?: Measurement & { untilMs: number };
  /** The measurement before was one that no living person can have. */
  implausible?: boolean;
}

const FRESH: PressureState = { newestMs: 0 };

/**
 * Blood pressure outside limits. Systolic and diastolic of one device and millisecond are one
 * measurement. Limits: fitted to labels of a clinical monitoring team (TIHM), see docs/detection.md.
 */
export const bloodPressure = rule<PressureState>()({
  id: 'blood-pressure',
  version: 1,
  title: 'Blood pressure outside limits',
  severities: ['routine', 'urgent'],
  lane: 'at-once',
  needs: ['systolic', 'diastolic'],
  subject: 'resident-or-device',
  enabledByDefault: true,
  parameters: PARAMETERS,

  advance: (state, reading, context) => {
    const half = state?.half;
    if (half !== undefined && half.device === reading.device && half.atMs === reading.atMs && half[kindOf(reading)] === undefined) {
      return judge(withoutHalf(state ?? FRESH), { device: half.device, atMs: half.atMs, ...halfOf(half), ...halfOf(reading) }, context);
    }
    // Another measurement begins: the half that waited is judged as it is.
    const before = state !== undefined && half !== undefined ? judge(withoutHalf(state), half, context) : { state, says: [] };
    const next = before.state ?? FRESH;
    const untilMs = context.nowMs + OTHER_HALF_WAIT_MS;
    return { state: timed({ ...next, half: { device: reading.device, atMs: reading.atMs, ...halfOf(reading), untilMs } }), says: before.says ?? [] };
  },

  due: (state, dueMs, context) => {
    const half = state.half;
    const judged = half !== undefined && dueMs >= half.untilMs ? judge(withoutHalf(state), half, context) : { state, says: [] };
    const next = judged.state ?? FRESH;
    if (next.today === undefined || dueMs < next.today.endMs) return { state: timed(next), says: judged.says ?? [] };
    const ended = endDay(next, CAUSE);
    return { state: timed(ended.state), says: [...(judged.says ?? []), ...ended.says] };
  },
});

function judge(state: PressureState, measurement: Measurement, context: Context): Step<PressureState> {
  const { systolic, diastolic, atMs } = measurement;
  if (!maySpeak(state, atMs, context)) return { state: timed(state) };
  if (systolic !== undefined && diastolic !== undefined && systolic <= diastolic) return implausible(state, measurement);
  const next = dayEpisode({ ...state, implausible: false }, FRESH, atMs, exceededBy(measurement, context.parameters), CAUSE, context);
  return { ...next, state: timed(next.state) };
}

function exceededBy({ systolic, diastolic, device, atMs }: Measurement, parameters: ParameterValues<typeof PARAMETERS>): Exceeded[] {
  const evidence = (kind: string, value: number): Evidence => ({ device, kind, value, atMs });
  const found = [
    systolic === undefined ? undefined
      : beyondLimit(systolic, { label: 'Systolic', unit: 'mmHg' }, evidence('systolic', systolic), SYSTOLIC, parameters),
    diastolic === undefined ? undefined
      : beyondLimit(diastolic, { label: 'Diastolic', unit: 'mmHg' }, evidence('diastolic', diastolic), DIASTOLIC, parameters),
  ];
  return found.filter((one) => one !== undefined);
}

/** Systolic not above diastolic: a bad measurement once; twice running somebody has to look. */
function implausible(state: PressureState, { systolic, diastolic, device, atMs }: Measurement): Step<PressureState> {
  const next = timed({ ...state, newestMs: Math.max(state.newestMs, atMs), implausible: true });
  if (state.implausible !== true) return { state: next };
  return {
    state: next,
    says: [{
      change: 'raise', cause: CHECK_CAUSE, severity: 'routine', fromMs: atMs, step: 'routine',
      reason: `Systolic ${systolic} mmHg is not above diastolic ${diastolic} mmHg, twice running: check the person and the device`,
      familyReason: 'A health reading needs a look by the care team',
      evidence: [{ device, kind: 'systolic', value: systolic ?? 0, atMs }, { device, kind: 'diastolic', value: diastolic ?? 0, atMs }],
    }],
  };
}

function kindOf(reading: Reading): 'systolic' | 'diastolic' {
  return reading.kind === 'systolic' ? 'systolic' : 'diastolic';
}

function halfOf(from: Reading | Measurement): { systolic?: number; diastolic?: number } {
  if ('kind' in from) return { [kindOf(from)]: evidenceOf(from).value };
  return { ...(from.systolic === undefined ? {} : { systolic: from.systolic }), ...(from.diastolic === undefined ? {} : { diastolic: from.diastolic }) };
}

function withoutHalf(state: PressureState): PressureState {
  const next = { ...state };
  delete next.half;
  return next;
}

/** With the time at which there is something to do, if there is. */
function timed(state: PressureState): PressureState {
  const dueAtMs = Math.min(state.half?.untilMs ?? Infinity, state.today?.endMs ?? Infinity);
  const next = { ...state };
  if (dueAtMs === Infinity) delete next.dueAtMs;
  else next.dueAtMs = dueAtMs;
  return next;
}
