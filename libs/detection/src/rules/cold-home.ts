import type { Reading } from '#libs/telemetry';
import { rule, type RuleState, type Saying, type Step } from '../engine/rule.js';
import type { RuleContext } from '../engine/rule-context.js';
import type { Severity } from '../finding.js';
import type { DeviceFact } from '../home-facts.js';
import { clockTime, dayAndTime, spoken } from '../time/spoken.js';
import { isGraver } from '../vital-signs/limits.js';

const celsius = (value: number, min: number, max: number, doc: string) => ({ default: value, unit: 'Cel', min, max, doc });
const length = (minutes: number, doc: string) => ({ default: minutes * 60_000, unit: 'ms', min: 0, max: 86_400_000, doc });

const PARAMETERS = {
  routineBelow: celsius(18, 10, 24, 'Below this a lived-in room is too cold.'),
  urgentBelow: celsius(16, 8, 22, 'Below this it is urgent.'),
  emergencyBelow: celsius(12, 4, 18, 'Below this an occupied living room is an emergency.'),
  routineAfterMs: length(30, 'Raised for the next working day after this time: longer than a window is opened for air.'),
  urgentAfterMs: length(120, 'Urgent after this time.'),
  emergencyAfterMs: length(60, 'An emergency after this time.'),
  occupiedWithinMs: length(6 * 60, 'Occupied: somebody moved in the home within this time.'),
};
type Context = RuleContext<typeof PARAMETERS>;
type Level = Exclude<Severity, 'technical'>;

const LEVELS = ['emergency', 'urgent', 'routine'] as const satisfies readonly Level[];
/** Warm again only this much above the limit, so that a radiator does not open and close alerts. */
const WARM_AGAIN_BY = 0.5;
/** A thermometer that has said nothing for longer says nothing about now. Sensors report every hour at least. */
const FRESH_MS = 130 * 60_000;
const LOOK_AGAIN_MS = 30 * 60_000;

const LIVING_ROOMS = new Set(['lounge', 'bedroom', 'dining']);
const NOT_LIVED_IN = new Set(['garden', 'utility']);
/** Their thermometers measure themselves, a draught, or a refrigerator. */
const NOT_THE_ROOM = new Set(['exterior-door', 'fridge', 'cupboard', 'cooker', 'appliance', 'wearable', 'vital-signs', 'medication']);
const NOBODY_THERE = ['away', 'hospital', 'holiday', 'pause'];

interface ColdState extends RuleState {
  device: string;
  room: string;
  newestMs: number;
  value: number;
  /** Since when it has been below each limit. */
  since: Partial<Record<Level, number>>;
  said?: { severity: Level; episode: string; fromMs: number };
}

/**
 * A cold home: below 18 °C, 16 °C for two hours, 12 °C for an hour where somebody lives (UKHSA, cold-weather
 * advice). A thermometer that nobody registered is not judged: it may lie in the fridge.
 */
export const coldHome = rule<ColdState>()({
  id: 'cold-home',
  version: 1,
  title: 'Cold home',
  severities: ['routine', 'urgent', 'emergency'],
  lane: 'sorted',
  needs: ['temperature'],
  subject: 'home',
  enabledByDefault: true,
  parameters: PARAMETERS,
  part: (reading) => reading.device,

  advance: (state, reading, context) => {
    const device = context.device(reading.device, reading.atMs);
    if (typeof reading.value !== 'number' || device === undefined || !measuresRoom(device)) return { state };
    return measured(state, reading, reading.value, device.room, context);
  },

  due: (state, dueMs, context) => {
    const stays = context.contexts(NOBODY_THERE, dueMs);
    if (stays.length > 0) return { state: { ...state, dueAtMs: Math.max(...stays.map(({ untilMs }) => untilMs)) } };
    if (dueMs - state.newestMs > FRESH_MS) return { state: withDue(state, undefined) };
    const reached = LEVELS.find((level) => isReached(state, level, dueMs, context));
    if (reached === undefined || (state.said !== undefined && !isGraver(reached, state.said.severity))) return { state: withDue(state, nextMs(state, dueMs, dueMs + LOOK_AGAIN_MS, context)) };

    const cause = `cold-${state.room}`;
    const fromMs = state.said?.fromMs ?? state.since[reached] ?? dueMs;
    const key = context.key(cause, fromMs, `${state.device}-${reached}`);
    const said = { severity: reached, episode: state.said?.episode ?? key, fromMs };
    const next = { ...state, said };
    return { state: withDue(next, nextMs(next, dueMs, dueMs + LOOK_AGAIN_MS, context)), says: [cold(next, reached, dueMs, context, said.episode)] };
  },
});

function measuresRoom(device: DeviceFact): boolean {
  return !NOT_LIVED_IN.has(device.room) && !NOT_THE_ROOM.has(device.use);
}

function measured(state: ColdState | undefined, reading: Reading, value: number, room: string, context: Context): Step<ColdState> {
  const { atMs, device } = reading;
  const since: ColdState['since'] = {};
  for (const level of LEVELS) {
    if (value < context.parameters[`${level}Below`]) since[level] = state?.since[level] ?? atMs;
  }
  const warm = value >= context.parameters.routineBelow + WARM_AGAIN_BY;
  const next: ColdState = { device, room, newestMs: atMs, value, since, ...(state?.said === undefined || warm ? {} : { said: state.said }) };
  if (state?.said === undefined || !warm) return { state: withDue(next, nextMs(next, atMs, state?.dueAtMs ?? atMs, context)) };
  const { severity, episode, fromMs } = state.said;
  const says: Saying[] = [{
    change: 'clear', cause: `cold-${state.room}`, severity, fromMs, step: `${device}-clear`, episode,
    reason: `${roomName(room)} is ${value} °C again at ${clockTime(context.timeZone, atMs)}`, familyReason: `${roomName(room)} is warm again`,
    evidence: [{ device, kind: 'temperature', value, atMs }],
  }];
  return { state: next, says };
}

function isReached(state: ColdState, level: Level, dueMs: number, context: Context): boolean {
  const since = state.since[level];
  if (since === undefined || dueMs < since + context.parameters[`${level}AfterMs`]) return false;
  return level !== 'emergency' || (LIVING_ROOMS.has(state.room) && isOccupied(dueMs, context));
}

function isOccupied(dueMs: number, context: Context): boolean {
  const seen = context.memory.activity.indoors;
  return seen !== undefined && dueMs - seen.atMs <= context.parameters.occupiedWithinMs;
}

/**
 * When the next graver level may be reached. One whose time has come but that could not be said, because
 * nobody is there or nothing was measured, is looked at again at `againMs`.
 */
function nextMs(state: ColdState, nowMs: number, againMs: number, context: Context): number | undefined {
  const times = LEVELS.filter((level) => state.said === undefined || isGraver(level, state.said.severity)).flatMap((level) => {
    const since = state.since[level];
    if (since === undefined || (level === 'emergency' && !LIVING_ROOMS.has(state.room))) return [];
    const reachedMs = since + context.parameters[`${level}AfterMs`];
    return [reachedMs <= nowMs ? againMs : reachedMs];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

function withDue(state: ColdState, dueAtMs: number | undefined): ColdState {
  const next = { ...state };
  if (dueAtMs === undefined) delete next.dueAtMs;
  else next.dueAtMs = dueAtMs;
  return next;
}

function cold(state: ColdState, level: Level, dueMs: number, context: Context, episode: string): Saying {
  const since = state.since[level] ?? dueMs;
  const limit = context.parameters[`${level}Below`];
  const when = dayAndTime(context.timeZone, since, dueMs);
  const reason = `${roomName(state.room)} is ${state.value} °C, below ${limit} °C since ${when} (${spoken(dueMs - since)}); limit ${limit} °C`;
  return {
    change: 'raise', cause: `cold-${state.room}`, severity: level, fromMs: state.said?.fromMs ?? since, step: `${state.device}-${level}`, episode,
    reason: level === 'emergency' ? `${reason}. Somebody is at home` : reason,
    familyReason: `${roomName(state.room)} is cold: ${state.value} °C`,
    evidence: [{ device: state.device, kind: 'temperature', value: state.value, atMs: state.newestMs }],
  };
}

function roomName(room: string): string {
  return room === 'other' ? 'A room' : `The ${room}`;
}
