import { ALARM_KINDS, type Reading } from '#libs/telemetry';
import { hubsBackMs, hubsSilentSinceMs } from '../engine/hubs.js';
import { rule, type RuleState, type Saying, type Status, type Step } from '../engine/rule.js';
import type { RuleContext } from '../engine/rule-context.js';
import type { DeviceFact } from '../home-facts.js';
import { totalMs, withoutPeriods } from '../time/period.js';
import { dayAndTime, spoken } from '../time/spoken.js';
import { place } from './place.js';

const length = (minutes: number, doc: string) => ({ default: minutes * 60_000, unit: 'ms', min: 60_000, max: 14 * 86_400_000, doc });

const PARAMETERS = {
  expectedMs: length(60, 'Devices on mains power report at least this often.'),
  missedMax: { default: 3, unit: '1', min: 1, max: 20, doc: 'So many expected reports in a row may be missed.' },
  batteryAfterMs: length(25 * 60, 'A device that reports a battery is silent after this time.'),
  offlineAfterMs: length(10, 'A device that is said to be offline has this time to come back.'),
};
type Context = RuleContext<typeof PARAMETERS>;

/** Kinds that a device sends by itself, whether or not anything happens: they make it a device that can be missed. */
const HEARTBEATS = new Set([
  'battery', 'signal', 'link_quality', 'temperature', 'humidity', 'illuminance', 'power', 'mains_power', 'carbon_monoxide_ppm',
]);
/** So many of them make an expectation; a device that only tells events has none. */
const HEARTBEATS_MIN = 3;
const GAPS_KEPT = 8;
const SILENCE_MAX_MS = 25 * 3_600_000;
/** Used when it is used. */
const NOT_EXPECTED = new Set(['vital-signs', 'medication']);
const ALARMS: ReadonlySet<string> = new Set(ALARM_KINDS);
const LOOK_AGAIN_MS = 60 * 60_000;

interface DeviceState extends RuleState {
  lastMs: number;
  heartbeats: number;
  /** The last gaps between what it sent by itself, ms. */
  gaps: number[];
  battery?: boolean;
  /** Since when it is said to be offline. */
  offlineMs?: number;
  said?: { severity: 'urgent' | 'technical'; episode: string; fromMs: number };
}

/**
 * A registered device that has reported by itself and stopped: three expected reports missed (as often as
 * it did, an hour at least), 25 h if it runs on a battery, 10 min if it is said to be offline. Urgent for a
 * device that raises alarms. A silent hub silences its devices: that is one incident, the hub's.
 */
export const deviceSilent = rule<DeviceState>()({
  id: 'device-silent',
  version: 1,
  title: 'Device silent',
  severities: ['urgent', 'technical'],
  lane: 'sorted',
  needs: 'any',
  subject: 'device',
  enabledByDefault: true,
  parameters: PARAMETERS,
  advance: heard,
  late: heard,

  status: (state, status, context) => (status.device === undefined ? { state } : told(state, status, context)),

  due: (state, dueMs, context) => {
    const device = context.device(context.subject.id, dueMs);
    if (device === undefined || state.said !== undefined || NOT_EXPECTED.has(device.use)) return { state: withDue(state, undefined) };
    if (hubsSilentSinceMs(context.memory, dueMs) !== undefined) return { state: withDue(state, dueMs + LOOK_AGAIN_MS) };
    const offline = state.offlineMs !== undefined && dueMs >= Math.max(state.offlineMs, hubsBackMs(context.memory)) + context.parameters.offlineAfterMs;
    if (!offline) {
      const allowedMs = silenceAllowedMs(state, context);
      const fromMs = Math.max(state.lastMs, hubsBackMs(context.memory));
      const silentMs = totalMs(withoutPeriods({ fromMs, untilMs: dueMs }, context.unheard()));
      const retryMs = state.offlineMs === undefined ? Infinity : Math.max(state.offlineMs, hubsBackMs(context.memory)) + context.parameters.offlineAfterMs;
      if (allowedMs === undefined || silentMs < allowedMs) {
        const nextMs = Math.min(retryMs, allowedMs === undefined ? Infinity : dueMs + allowedMs - silentMs);
        return { state: withDue(state, nextMs === Infinity ? undefined : nextMs) };
      }
    }
    return silent(state, device, offline, dueMs, context);
  },
});

function heard(state: DeviceState | undefined, reading: Reading, context: Context): Step<DeviceState> {
  const heartbeat = HEARTBEATS.has(reading.kind);
  // A device that has sent events only cannot be missed, and is not remembered.
  if (state === undefined && !heartbeat) return { state };
  const before = state ?? { lastMs: reading.atMs, heartbeats: 0, gaps: [] };
  if (reading.atMs < before.lastMs) return { state };
  const gapMs = reading.atMs - before.lastMs;
  const counts = heartbeat && (gapMs > 0 || before.heartbeats === 0);
  const next: DeviceState = {
    ...before,
    lastMs: reading.atMs,
    heartbeats: Math.min(HEARTBEATS_MIN, before.heartbeats + (counts ? 1 : 0)),
    // A silence that was an incident is no habit.
    gaps: counts && gapMs > 0 && before.said === undefined ? [...before.gaps.slice(1 - GAPS_KEPT), gapMs] : before.gaps,
  };
  if (reading.kind === 'battery') next.battery = true;
  // What was heard at the same moment before, delivered again, is no sign of life.
  if (state !== undefined && gapMs === 0) return { state: next };
  if (next.offlineMs !== undefined && reading.atMs > next.offlineMs) delete next.offlineMs;
  return back(next, reading.atMs, context);
}

function told(state: DeviceState | undefined, status: Status, context: Context): Step<DeviceState> {
  const before = state ?? { lastMs: status.atMs, heartbeats: 0, gaps: [] };
  if (!status.online) {
    const next = { ...before, offlineMs: before.offlineMs ?? status.atMs };
    return { state: before.said === undefined ? withDue(next, status.atMs + context.parameters.offlineAfterMs) : next };
  }
  const next = { ...before, lastMs: Math.max(before.lastMs, status.atMs) };
  delete next.offlineMs;
  return back(next, status.atMs, context);
}

/** It is heard: what was said of it is over, and the clock starts anew. */
function back(state: DeviceState, atMs: number, context: Context): Step<DeviceState> {
  const { said } = state;
  const next = { ...state };
  if (state.offlineMs === undefined) delete next.said;
  const allowedMs = silenceAllowedMs(next, context);
  const timed = withDue(next, allowedMs === undefined ? state.dueAtMs : next.lastMs + allowedMs);
  if (said === undefined || state.offlineMs !== undefined) return { state: timed };
  const says: Saying[] = [{
    change: 'clear', cause: 'silent', severity: said.severity, fromMs: said.fromMs, step: 'clear', episode: said.episode,
    reason: `${context.subject.id} is heard again at ${dayAndTime(context.timeZone, atMs, context.nowMs)}`, familyReason: 'A sensor works again', evidence: [],
  }];
  return { state: timed, says };
}

/** How long it may say nothing; undefined if nothing can be expected of it. */
function silenceAllowedMs(state: DeviceState, context: Context): number | undefined {
  if (state.heartbeats < HEARTBEATS_MIN) return undefined;
  const { expectedMs, missedMax, batteryAfterMs } = context.parameters;
  if (state.battery === true) return batteryAfterMs;
  return Math.max(expectedMs * missedMax, Math.min(SILENCE_MAX_MS, missedMax * Math.max(0, ...state.gaps)));
}

function silent(state: DeviceState, device: DeviceFact, offline: boolean, dueMs: number, context: Context): Step<DeviceState> {
  const alarms = device.use === 'alarm' || device.kinds.some((kind) => ALARMS.has(kind));
  const severity = alarms ? 'urgent' : 'technical';
  const fromMs = offline ? (state.offlineMs ?? state.lastMs) : state.lastMs;
  const episode = context.key('silent', fromMs, severity);
  const where = `${device.id}${place(device)}`;
  const since = dayAndTime(context.timeZone, fromMs, context.nowMs);
  const allowed = spoken(silenceAllowedMs(state, context) ?? 0);
  const reason = offline
    ? `${where} has been offline since ${since}; limit ${spoken(context.parameters.offlineAfterMs)}`
    : `Nothing from ${where} since ${since}, for ${spoken(dueMs - fromMs)}; limit ${allowed}`;
  return {
    state: withDue({ ...state, said: { severity, episode, fromMs } }, undefined),
    says: [{
      change: 'raise', cause: 'silent', severity, fromMs, step: severity, episode,
      reason: alarms ? `${reason}. It could not raise an alarm` : reason, familyReason: 'A sensor has stopped working', evidence: [],
    }],
  };
}

function withDue(state: DeviceState, dueAtMs: number | undefined): DeviceState {
  const next = { ...state };
  if (dueAtMs === undefined) delete next.dueAtMs;
  else next.dueAtMs = dueAtMs;
  return next;
}
