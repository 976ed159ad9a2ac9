import type { Reading } from '#libs/telemetry';
import { ACTIVITY_KINDS, activityOf } from '../engine/activity.js';
import type { Activity } from '../engine/home-state.js';
import { hubOutages } from '../engine/hubs.js';
import { rule, type RuleState, type Saying, type Step } from '../engine/rule.js';
import type { RuleContext } from '../engine/rule-context.js';
import { localDayAt, localMinute, isWithinMinutes, wallTimeMs } from '../time/local-day.js';
import { totalMs, withoutPeriods, type Period } from '../time/period.js';
import { dayAndTime, spoken } from '../time/spoken.js';
import { place } from './place.js';

const minute = (value: number, doc: string) => ({ default: value, unit: 'minute of the day', min: 0, max: 1_439, doc });
const hours = (value: number, doc: string) => ({ default: value * 3_600_000, unit: 'ms', min: 1_800_000, max: 3 * 86_400_000, doc });

const PARAMETERS = {
  urgentAfterMs: hours(6, 'Urgent after this time by day without any movement or door.'),
  emergencyAfterMs: hours(12, 'An emergency after this time by day without any movement or door.'),
  dayFromMinute: minute(7 * 60, 'Start of the day, local time.'),
  dayUntilMinute: minute(22 * 60, 'End of the day, local time.'),
};
type Context = RuleContext<typeof PARAMETERS>;

const CAUSE = 'silence';
/** Nobody is there to move, or the home is not being watched. */
const STOPPED_BY = ['away', 'hospital', 'holiday', 'pause'];
/** Silence of years is not counted day by day. */
const LOOK_BACK_MAX_MS = 31 * 86_400_000;
const STEP_MIN_MS = 60_000;
/** How long after late activity its successors may take to come. */
const BACKLOG_WAIT_MS = 10 * 60_000;

interface InactivityState extends RuleState {
  last: Activity;
  said?: { severity: 'urgent' | 'emergency'; episode: string };
}

/**
 * Nobody has moved for long. Time by day alone counts, and only while something could have been heard:
 * not while somebody is known to be away, the hub is silent, or the whole fleet is. An outside door is
 * activity but never stops the clock: after it the sentence says "out, or fallen and not seen". A bed
 * that is occupied delays the urgent finding, never the emergency. On 28 real homes six hours from 07:00
 * to 22:00 were reached 0.4 times a home and week.
 */
export const inactivity = rule<InactivityState>()({
  id: 'inactivity',
  version: 1,
  title: 'No movement by day',
  severities: ['urgent', 'emergency'],
  lane: 'sorted',
  needs: ACTIVITY_KINDS,
  subject: 'resident-or-home',
  enabledByDefault: true,
  parameters: PARAMETERS,

  advance: active,
  late: activeBefore,

  due: (state, dueMs, context) => {
    const { urgentAfterMs, emergencyAfterMs } = context.parameters;
    const silentMs = totalMs(observed({ fromMs: state.last.atMs, untilMs: dueMs }, context));
    const inBed = Object.entries(context.memory.states).some(([key, [occupied]]) => occupied && key.endsWith('|bed_occupied'));
    const severity = silentMs >= emergencyAfterMs ? 'emergency' : 'urgent';
    const wantedMs = state.said === undefined && !inBed ? Math.min(urgentAfterMs, emergencyAfterMs) : emergencyAfterMs;
    if (silentMs < wantedMs) return { state: { ...state, dueAtMs: retryMs(dueMs, wantedMs - silentMs, context) } };

    const key = context.key(CAUSE, state.last.atMs, severity);
    const episode = state.said?.episode ?? key;
    const next: InactivityState = { last: state.last, said: { severity, episode } };
    if (severity === 'urgent') next.dueAtMs = retryMs(dueMs, emergencyAfterMs - silentMs, context);
    return { state: next, says: [{ ...silence(state.last, silentMs, inBed, context), change: 'raise', severity, step: severity, episode }] };
  },
});

/** The newest activity starts the clock; one that is told late never puts it back. */
function active(state: InactivityState | undefined, reading: Reading, context: Context): Step<InactivityState> {
  const last = activityOf(reading, context.device(reading.device, reading.atMs), context.changed);
  if (last === undefined || (state !== undefined && last.atMs <= state.last.atMs)) return { state };
  const next = { last, dueAtMs: last.atMs + context.parameters.urgentAfterMs };
  return state?.said === undefined ? { state: next } : { state: next, says: [ended(state.last.atMs, state.said, last, context)] };
}

/**
 * Activity that is told late comes with a backlog, and what happened since is likely to follow: the
 * clock waits for it, else the old hours of a hub that is back would look like a silence until now.
 */
function activeBefore(state: InactivityState | undefined, reading: Reading, context: Context): Step<InactivityState> {
  const step = active(state, reading, context);
  if (step.state?.dueAtMs === undefined || step.state === state) return step;
  return { ...step, state: { ...step.state, dueAtMs: Math.max(step.state.dueAtMs, context.nowMs + BACKLOG_WAIT_MS) } };
}

/** The parts of a silence that count. */
function observed(silence: Period, context: Context): Period[] {
  const { dayFromMinute, dayUntilMinute } = context.parameters;
  const fromMs = Math.max(silence.fromMs, silence.untilMs - LOOK_BACK_MAX_MS);
  const others = [
    ...context.unheard(),
    ...context.contexts(STOPPED_BY, fromMs, silence.untilMs),
    ...hubOutages(context.memory, silence.untilMs),
  ];
  const parts: Period[] = [];
  for (let day = localDayAt(context.timeZone, fromMs); day.startMs < silence.untilMs; day = localDayAt(context.timeZone, day.endMs)) {
    const from = Math.max(fromMs, wallTimeMs(context.timeZone, day, dayFromMinute));
    const until = Math.min(silence.untilMs, wallTimeMs(context.timeZone, day, dayUntilMinute));
    if (until > from) parts.push(...withoutPeriods({ fromMs: from, untilMs: until }, others));
  }
  return parts;
}

/** When to look again: not before what is missing can have passed, and not in the night. */
function retryMs(dueMs: number, missingMs: number, context: Context): number {
  const { dayFromMinute, dayUntilMinute } = context.parameters;
  const now = localMinute(context.timeZone, dueMs);
  const step = Math.max(missingMs, STEP_MIN_MS);
  if (isWithinMinutes(now, dayFromMinute, dayUntilMinute)) return dueMs + step;
  const today = localDayAt(context.timeZone, dueMs);
  const morningMs = wallTimeMs(context.timeZone, today, dayFromMinute);
  return (morningMs > dueMs ? morningMs : wallTimeMs(context.timeZone, localDayAt(context.timeZone, today.endMs), dayFromMinute)) + step;
}

function silence(last: Activity, silentMs: number, inBed: boolean, context: Context): Pick<Saying, 'cause' | 'fromMs' | 'reason' | 'familyReason' | 'evidence'> {
  const { timeZone, parameters, nowMs } = context;
  const limit = spoken(silentMs >= parameters.emergencyAfterMs ? parameters.emergencyAfterMs : parameters.urgentAfterMs);
  const when = dayAndTime(timeZone, last.atMs, nowMs);
  const since = last.where === 'exterior-door'
    ? `No movement since an outside door moved at ${when}: out, or fallen and not seen`
    : `No movement since ${when}, last${place(context.device(last.device, last.atMs))}`.replace(/, last$/, '');
  return {
    cause: CAUSE,
    fromMs: last.atMs,
    reason: `${since}. ${spoken(silentMs)} by day; limit ${limit}${inBed ? '. The bed is occupied' : ''}`,
    familyReason: `There has been no movement at home since ${when}`,
    evidence: [{ device: last.device, kind: last.kind, value: last.value, atMs: last.atMs }],
  };
}

function ended(fromMs: number, said: NonNullable<InactivityState['said']>, now: Activity, context: Context): Saying {
  const reason = `Movement${place(context.device(now.device, now.atMs))} at ${dayAndTime(context.timeZone, now.atMs, context.nowMs)}`;
  return {
    change: 'clear', cause: CAUSE, severity: said.severity, fromMs, step: 'clear', episode: said.episode, reason,
    familyReason: 'There is movement at home again', evidence: [],
  };
}
