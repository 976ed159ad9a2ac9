import type { Reading } from '#libs/telemetry';
import { ACTIVITY_KINDS, activityOf } from '../engine/activity.js';
import type { Activity } from '../engine/home-state.js';
import { rule, type RuleState, type Saying, type Step } from '../engine/rule.js';
import type { RuleContext } from '../engine/rule-context.js';
import type { Evidence } from '../finding.js';
import { isWithinMinutes, localMinute } from '../time/local-day.js';
import { totalMs, withoutPeriods } from '../time/period.js';
import { clockTime, dayAndTime, spoken } from '../time/spoken.js';
import { place } from './place.js';

const minute = (value: number, doc: string) => ({ default: value, unit: 'minute of the day', min: 0, max: 1_439, doc });
const length = (value: number, max: number, doc: string) => ({ default: value, unit: 'ms', min: 0, max, doc });

const PARAMETERS = {
  fromMinute: minute(23 * 60, 'Start of the night, local time.'),
  untilMinute: minute(5 * 60, 'End of the night, local time.'),
  movementBeforeMaxMs: length(10 * 60_000, 3_600_000, 'Somebody moved indoors at most this long before the door opened.'),
  urgentAfterMs: length(3 * 60_000, 3_600_000, 'Urgent after this time without movement indoors.'),
  emergencyAfterMs: length(30 * 60_000, 4 * 3_600_000, 'An emergency after this time without movement indoors.'),
  residentsMax: { default: 3, unit: '1', min: 1, max: 100, doc: 'In a home with more residents doors open at night for staff: not judged.' },
  emergencyAtOnce: { default: false, unit: 'flag', doc: 'By a care plan: an emergency already after the first time.' },
};
type Context = RuleContext<typeof PARAMETERS>;

const CAUSE = 'exit';
/** Who might have opened the door, or that nobody is there to go out. */
const SUPPRESSED_BY = ['carer', 'visit', 'away', 'hospital', 'holiday', 'pause'];
/** The door moves again when somebody comes back, not while they go out. */
const REOPENED_MIN_MS = 30_000;
/** A night that nobody ended by moving is over by now; the next exit is one of its own. */
const FORGOTTEN_AFTER_MS = 12 * 3_600_000;

/** A door that is told late comes with a backlog: who came back is likely to be in it, a moment later. */
const BACKLOG_WAIT_MS = 30_000;

interface ExitState extends RuleState {
  openedMs: number;
  evidence: Evidence[];
  said?: { severity: 'urgent' | 'emergency'; episode: string };
  /** The outside door moved again. */
  reopenedMs?: number;
  /** When a door last opened. */
  newestMs: number;
  /** Nothing more will come of it; kept so that a repeat of its doors is recognised. */
  over?: true;
}

/**
 * Somebody went out at night and has not come back: an outside door opens after movement indoors, and then
 * nobody moves indoors. On 28 real homes about 25 urgent and 6 emergency findings a home and year. Where
 * several live, another person's movement does not end it: that takes the door again, and then movement.
 */
export const nightExit = rule<ExitState>()({
  id: 'night-exit',
  version: 1,
  title: 'Out at night',
  severities: ['urgent', 'emergency'],
  lane: 'sorted',
  needs: ACTIVITY_KINDS,
  subject: 'resident-or-home',
  enabledByDefault: true,
  parameters: PARAMETERS,

  advance: activity,
  late: (state, reading, context) => {
    const movedMs = context.memory.activity.indoors?.atMs ?? 0;
    const isOver = movedMs >= reading.atMs && context.device(reading.device, reading.atMs)?.use === 'exterior-door';
    return isOver ? { state } : awaitingBacklog(state, activity(state, reading, context), context);
  },

  due: (state, dueMs, context) => {
    if (dueMs >= state.openedMs + FORGOTTEN_AFTER_MS) return { state: over(state) };
    if (context.contexts(SUPPRESSED_BY, state.openedMs, dueMs).length > 0) return { state: over(state) };
    const { urgentAfterMs, emergencyAfterMs, emergencyAtOnce } = context.parameters;
    const severity = state.said !== undefined || emergencyAtOnce ? 'emergency' : 'urgent';
    const wantedMs = state.said === undefined ? urgentAfterMs : emergencyAfterMs;
    const missingMs = wantedMs - totalMs(withoutPeriods({ fromMs: state.openedMs, untilMs: dueMs }, context.unheard()));
    if (missingMs > 0) return { state: { ...state, dueAtMs: dueMs + missingMs } };

    const key = context.key(CAUSE, state.openedMs, severity);
    const episode = state.said?.episode ?? key;
    const next = severity === 'emergency' ? FORGOTTEN_AFTER_MS : Math.max(emergencyAfterMs, wantedMs + 1);
    return {
      state: { ...state, said: { severity, episode }, dueAtMs: state.openedMs + next },
      says: [{ ...outside(state, context, wantedMs), change: 'raise', severity, step: severity, episode }],
    };
  },
});

/** What begins with late data speaks once its successors had time to come. */
function awaitingBacklog(before: ExitState | undefined, step: Step<ExitState>, context: Context): Step<ExitState> {
  const { state } = step;
  if (state?.dueAtMs === undefined || (before !== undefined && before.over !== true)) return step;
  return { ...step, state: { ...state, dueAtMs: Math.max(state.dueAtMs, context.nowMs + BACKLOG_WAIT_MS) } };
}

function activity(state: ExitState | undefined, reading: Reading, context: Context): Step<ExitState> {
  const seen = activityOf(reading, context.device(reading.device, reading.atMs), context.changed);
  if (seen?.where === 'indoors') return moved(state, seen, context);
  const opens = seen?.where === 'exterior-door' && reading.value === true;
  return opens ? opened(state, seen, context) : { state };
}

function opened(state: ExitState | undefined, activity: Activity, context: Context): Step<ExitState> {
  const { atMs, device, kind, value } = activity;
  const evidence: Evidence = { device, kind, value, atMs };
  if (state !== undefined && (atMs <= state.newestMs || state.over === undefined)) {
    const newestMs = Math.max(atMs, state.newestMs);
    if (atMs < state.openedMs + REOPENED_MIN_MS) return { state: { ...state, newestMs } };
    return { state: { ...state, newestMs, reopenedMs: state.reopenedMs ?? atMs, evidence: [...state.evidence.slice(-9), evidence] } };
  }
  const { fromMinute, untilMinute, movementBeforeMaxMs, urgentAfterMs } = context.parameters;
  if (context.residentCount > context.parameters.residentsMax) return { state };
  const before = context.memory.activity.indoors;
  if (before === undefined || atMs - before.atMs > movementBeforeMaxMs) return { state };
  if (!isWithinMinutes(localMinute(context.timeZone, atMs), fromMinute, untilMinute)) return { state };
  if (context.contexts(SUPPRESSED_BY, atMs).length > 0) return { state };
  return { state: { openedMs: atMs, newestMs: atMs, evidence: [evidence], dueAtMs: atMs + urgentAfterMs } };
}

function over({ openedMs, newestMs, evidence }: ExitState): ExitState {
  return { openedMs, newestMs, evidence, over: true };
}

function moved(state: ExitState | undefined, activity: Activity, context: Context): Step<ExitState> {
  if (state === undefined || activity.atMs <= state.openedMs) return { state };
  const shared = context.residentCount > 1;
  if (shared && (state.reopenedMs === undefined || activity.atMs < state.reopenedMs)) return { state };
  if (state.said === undefined || state.over === true) return { state: undefined };
  const { severity, episode } = state.said;
  const reason = `Movement${place(context.device(activity.device, activity.atMs))} at ${dayAndTime(context.timeZone, activity.atMs, context.nowMs)}`;
  const back: Saying = {
    change: 'clear', cause: CAUSE, severity, fromMs: state.openedMs, step: 'clear', episode, reason, familyReason: 'There is movement indoors again',
    evidence: [],
  };
  return { state: undefined, says: [back] };
}

function outside(state: ExitState, context: Context, silentMs: number): Pick<Saying, 'cause' | 'fromMs' | 'reason' | 'familyReason' | 'evidence'> {
  const when = clockTime(context.timeZone, state.openedMs);
  const shared = context.residentCount > 1 ? ' Several live here: movement of somebody else does not count.' : '';
  return {
    cause: CAUSE,
    fromMs: state.openedMs,
    reason: shared === ''
      ? `An outside door opened at ${when} and nobody has moved indoors for ${spoken(silentMs)}`
      : `An outside door opened at ${when} and has not opened again for ${spoken(silentMs)}.${shared}`,
    familyReason: `An outside door opened at ${when} and nobody seems to have come back in`,
    evidence: state.evidence,
  };
}
