import { evidenceOf, rule, type RuleState, type Step } from '../engine/rule.js';
import type { RuleContext } from '../engine/rule-context.js';
import type { Evidence } from '../finding.js';
import { isLate } from '../rules/lateness.js';
import { AGREED, dayEpisode, endDay, maySpeak, type DayState } from './day-episode.js';
import { beyondLimit, isGraver, type Exceeded, type Limit } from './limits.js';

const celsius = (value: number, min: number, max: number, doc: string) => ({ default: value, unit: 'Cel', min, max, doc });

const PARAMETERS = {
  highUrgent: celsius(39.1, 37.5, 42, 'A temperature at or above this is urgent.'),
  highRoutine: celsius(37.6, 36.5, 41, 'A temperature above this is raised for the next working day.'),
  lowRoutine: celsius(35, 30, 36.5, 'A temperature below this is raised for the next working day.'),
  repeatMaxMs: { default: 30 * 60_000, unit: 'ms', min: 0, max: 4 * 3_600_000, doc: 'How long to wait for a repeat reading before an unrepeated one is raised.' },
  agreed: AGREED,
};

type Name = 'highUrgent' | 'highRoutine' | 'lowRoutine';

const LIMITS: readonly Limit<Name>[] = [
  { severity: 'urgent', beyond: '>=', parameter: 'highUrgent' },
  { severity: 'routine', beyond: '>', parameter: 'highRoutine' },
  { severity: 'routine', beyond: '<', parameter: 'lowRoutine' },
];

const CAUSE = 'limits';
/** The same value within this time is the same measurement sent again: thermometers do so after half a minute. */
const SENT_AGAIN_WITHIN_MS = 2 * 60_000;

interface TemperatureState extends DayState, RuleState {
  /** Outside limits, and waiting for a repeat until `untilMs`. */
  waiting?: { atMs: number; value: number; evidence: Evidence; untilMs: number };
}

const FRESH: TemperatureState = { newestMs: 0 };

/**
 * Body temperature outside limits, after a repeat. Of 39 days with a reading outside limits a clinical
 * monitoring team labelled one (TIHM): the re-measure was normal. So a repeat is waited for, 30 min; if it
 * is normal nothing is raised; if there is none the reading is raised marked "unrepeated".
 */
export const bodyTemperature = rule<TemperatureState>()({
  id: 'body-temperature',
  version: 1,
  title: 'Body temperature outside limits',
  severities: ['routine', 'urgent'],
  lane: 'at-once',
  needs: ['body_temperature'],
  subject: 'resident-or-device',
  enabledByDefault: true,
  parameters: PARAMETERS,

  advance: (state, reading, context) => {
    const { value, atMs } = reading;
    if (typeof value !== 'number' || !maySpeak(state, atMs, context)) return { state };
    const exceeded = exceededBy(value, evidenceOf(reading), context);
    const waiting = state?.waiting;
    if (waiting !== undefined && value === waiting.value && atMs - waiting.atMs <= SENT_AGAIN_WITHIN_MS) return { state };
    if (waiting !== undefined && atMs >= waiting.atMs) {
      const before = withoutWaiting(state ?? FRESH);
      if (exceeded === undefined) return timedStep(dayEpisode(before, FRESH, atMs, [], CAUSE, context));
      return timedStep(dayEpisode(before, FRESH, atMs, [exceeded], CAUSE, context, `, repeated after ${waiting.value} °C`));
    }
    const news = exceeded !== undefined && (state?.today === undefined || atMs >= state.today.endMs || isGraver(exceeded.severity, state.today.severity));
    const { state: next, says } = dayEpisode(state, FRESH, atMs, [], CAUSE, context);
    if (!news) return timedStep({ state: next, says });
    const untilMs = Math.max(atMs + context.parameters.repeatMaxMs, isLate(reading, context) ? context.nowMs : 0);
    return timedStep({ state: { ...next, waiting: { atMs, value, evidence: exceeded.evidence, untilMs } }, says });
  },

  due: (state, dueMs, context) => {
    const { waiting } = state;
    if (waiting !== undefined && dueMs >= waiting.untilMs) {
      const exceeded = exceededBy(waiting.value, waiting.evidence, context);
      const raised = dayEpisode(withoutWaiting(state), FRESH, waiting.atMs, exceeded === undefined ? [] : [exceeded], CAUSE, context, ', unrepeated');
      return timedStep(raised);
    }
    return timedStep(state.today !== undefined && dueMs >= state.today.endMs ? endDay(state, CAUSE) : { state });
  },
});

function exceededBy(value: number, evidence: Evidence, context: RuleContext<typeof PARAMETERS>): Exceeded | undefined {
  return beyondLimit(value, { label: 'Body temperature', unit: '°C' }, evidence, LIMITS, context.parameters);
}

function withoutWaiting(state: TemperatureState): TemperatureState {
  const next = { ...state };
  delete next.waiting;
  return next;
}

/** With the time at which there is something to do, if there is. */
function timedStep(step: Step<TemperatureState>): Step<TemperatureState> {
  const state = { ...(step.state ?? FRESH) };
  const dueAtMs = Math.min(state.waiting?.untilMs ?? Infinity, state.today?.endMs ?? Infinity);
  if (dueAtMs === Infinity) delete state.dueAtMs;
  else state.dueAtMs = dueAtMs;
  return { ...step, state };
}
