import type { Reading } from '#libs/telemetry';
import type { RuleContext } from '../engine/rule-context.js';
import { evidenceOf, rule, type AnyRule, type Parameters, type RuleState, type Saying, type Step } from '../engine/rule.js';
import type { Evidence, Severity } from '../finding.js';
import { dayAndTime } from '../time/spoken.js';
import { isLate, LATE_ALARM_WAIT_MS } from './lateness.js';
import { place } from './place.js';

interface DetectorState extends RuleState {
  /** The newest reading decides; older ones that come later change nothing. */
  newestMs: number;
  /** Since when it has been on, while it is. */
  on?: { fromMs: number; evidence: Evidence; /** Absent while a late alarm waits. */ episode?: string };
}

/** What a kind of detector stands for. */
export interface Alarm {
  cause: string;
  /** `Smoke alarm` */
  words: string;
  severity: Severity;
  /** For kinds that are numbers: the parameter that holds the level from which it is on. */
  levelParameter?: string;
}

/**
 * A rule for detectors that are on or off: pages at once when one goes on, whatever its room or context;
 * repeats of a remembered state change nothing; off is the end of the episode. An alarm that comes late
 * pages all the same, saying both times, unless a newer reading says that it has ended.
 */
export function detectorRule(
  about: { id: string; title: string; severities: readonly Severity[]; alarms: Readonly<Record<string, Alarm>>; parameters?: Parameters },
): AnyRule {
  const { alarms, ...named } = about;
  return rule<DetectorState>()({
    ...named,
    version: 1,
    lane: 'at-once',
    needs: Object.keys(alarms),
    subject: 'device',
    enabledByDefault: true,
    parameters: about.parameters ?? {},
    part: (reading) => reading.kind,

    advance: (state, reading, context) => {
      const alarm = alarms[reading.kind];
      if (alarm === undefined || (state !== undefined && reading.atMs < state.newestMs)) return { state };
      return isOn(reading, alarm, context) ? turnedOn(state, reading, alarm, context) : turnedOff(state, reading, alarm, context);
    },

    due: (state, _dueMs, context) => {
      const alarm = alarms[state.on?.evidence.kind ?? ''];
      if (state.on === undefined || state.on.episode !== undefined || alarm === undefined) return { state: { newestMs: state.newestMs } };
      return raised(state, state.on.fromMs, state.on.evidence, alarm, context);
    },
  });
}

function isOn(reading: Reading, alarm: Alarm, context: RuleContext): boolean {
  const level = alarm.levelParameter === undefined ? undefined : context.parameters[alarm.levelParameter];
  return typeof level === 'number' ? typeof reading.value === 'number' && reading.value >= level : reading.value === true;
}

function turnedOn(state: DetectorState | undefined, reading: Reading, alarm: Alarm, context: RuleContext): Step<DetectorState> {
  if (state?.on !== undefined) return { state: { ...state, newestMs: reading.atMs } };
  const fresh = { newestMs: reading.atMs };
  if (!isLate(reading, context)) return raised(fresh, reading.atMs, evidenceOf(reading), alarm, context);
  return { state: { ...fresh, on: { fromMs: reading.atMs, evidence: evidenceOf(reading) }, dueAtMs: context.nowMs + LATE_ALARM_WAIT_MS } };
}

function raised(state: DetectorState, fromMs: number, evidence: Evidence, alarm: Alarm, context: RuleContext): Step<DetectorState> {
  const episode = context.key(alarm.cause, fromMs, alarm.severity);
  const when = dayAndTime(context.timeZone, fromMs, context.nowMs);
  const received = isLate({ atMs: fromMs }, context) ? `, received at ${dayAndTime(context.timeZone, context.nowMs, fromMs)}` : '';
  const level = typeof evidence.value === 'number' ? ` (${evidence.value} ppm)` : '';
  const said = `${alarm.words}${place(context.device(evidence.device, fromMs))} at ${when}${received}`;
  return {
    state: { newestMs: state.newestMs, on: { fromMs, evidence, episode } },
    says: [{ change: 'raise', cause: alarm.cause, severity: alarm.severity, fromMs, step: alarm.severity, reason: `${said}${level}`, familyReason: said, evidence: [evidence] }],
  };
}

function turnedOff(state: DetectorState | undefined, reading: Reading, alarm: Alarm, context: RuleContext): Step<DetectorState> {
  const next = { newestMs: reading.atMs };
  if (state?.on?.episode === undefined) return { state: next };
  const reason = `${alarm.words}${place(context.device(reading.device, reading.atMs))} has stopped at ${dayAndTime(context.timeZone, reading.atMs, context.nowMs)}`;
  const says: Saying[] = [{
    change: 'clear', cause: alarm.cause, severity: alarm.severity, fromMs: state.on.fromMs, step: 'clear', episode: state.on.episode,
    reason, familyReason: reason, evidence: [evidenceOf(reading)],
  }];
  return { state: next, says };
}
