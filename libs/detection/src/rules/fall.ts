import { evidenceOf, rule, type RuleState } from '../engine/rule.js';
import type { Evidence } from '../finding.js';
import { dayAndTime, spoken } from '../time/spoken.js';
import { isLate, LATE_ALARM_WAIT_MS } from './lateness.js';
import { place } from './place.js';

interface FallState extends RuleState {
  /** Detected, and may still be cancelled. */
  pending?: { fallMs: number; evidence: Evidence[] };
  /** Raised last. */
  raised?: { fallMs: number; episode: string };
  cancelMs?: number;
}

/**
 * A fall, by a wearable or a radar, that nobody cancels within 30 seconds. Wearables see about four falls
 * in five and are wrong 0.17 times in a person's week (PMC6470846). Nothing suppresses it.
 */
export const fall = rule<FallState>()({
  id: 'fall',
  version: 1,
  title: 'Fall',
  severities: ['emergency'],
  lane: 'at-once',
  needs: ['fall', 'cancel'],
  subject: 'resident-or-device',
  enabledByDefault: true,
  parameters: {
    cancelMaxMs: { default: 30_000, unit: 'ms', min: 0, max: 120_000, doc: 'How long the person can cancel a fall before it pages.' },
    joinMaxMs: { default: 15 * 60_000, unit: 'ms', min: 60_000, max: 24 * 3_600_000, doc: 'A fall within this time of the one before pages again on the same alert.' },
  },

  advance: (state, reading, context) => {
    const { cancelMaxMs } = context.parameters;
    const cancels = (cancelMs: number | undefined, fallMs: number): boolean => cancelMs !== undefined && cancelMs >= fallMs && cancelMs <= fallMs + cancelMaxMs;

    if (reading.kind === 'cancel') {
      const next: FallState = { ...state, cancelMs: Math.max(state?.cancelMs ?? 0, reading.atMs) };
      if (state?.pending !== undefined && cancels(reading.atMs, state.pending.fallMs)) {
        delete next.pending;
        delete next.dueAtMs;
        return { state: next };
      }
      const raised = state?.raised;
      if (raised === undefined || !cancels(reading.atMs, raised.fallMs)) return { state: next };
      const reason = `Cancelled by the person at ${dayAndTime(context.timeZone, reading.atMs, context.nowMs)}`;
      return {
        state: next,
        says: [{
          change: 'clear', cause: 'fall', severity: 'emergency', fromMs: raised.fallMs, step: 'clear', episode: raised.episode,
          reason, familyReason: reason, evidence: [evidenceOf(reading)],
        }],
      };
    }

    if (cancels(state?.cancelMs, reading.atMs)) return { state };
    if (state?.pending !== undefined) {
      return { state: { ...state, pending: { ...state.pending, evidence: [...state.pending.evidence.slice(-9), evidenceOf(reading)] } } };
    }
    const untilMs = reading.atMs + cancelMaxMs;
    const dueAtMs = untilMs > context.nowMs ? untilMs : context.nowMs + (isLate(reading, context) ? LATE_ALARM_WAIT_MS : 0);
    return { state: { ...state, pending: { fallMs: reading.atMs, evidence: [evidenceOf(reading)] }, dueAtMs } };
  },

  due: (state, _dueMs, context) => {
    const { pending, raised } = state;
    if (pending === undefined) return { state };
    const { fallMs, evidence } = pending;
    const key = context.key('fall', fallMs, 'emergency');
    const joins = raised !== undefined && Math.abs(fallMs - raised.fallMs) <= context.parameters.joinMaxMs;
    const episode = joins ? raised.episode : key;
    const device = context.device(evidence[0]?.device ?? '', fallMs);
    const when = dayAndTime(context.timeZone, fallMs, context.nowMs);
    const received = context.nowMs - fallMs > 2 * context.parameters.cancelMaxMs + 30_000 ? `, received at ${dayAndTime(context.timeZone, context.nowMs, fallMs)}` : '';
    const next: FallState = { ...state, raised: { fallMs, episode } };
    delete next.pending;
    delete next.dueAtMs;
    return {
      state: next,
      says: [{
        change: joins ? 'again' : 'raise', cause: 'fall', severity: 'emergency', fromMs: fallMs, step: 'emergency', episode,
        reason: `Fall detected${place(device)} at ${when}${received}, not cancelled within ${spoken(context.parameters.cancelMaxMs)}`,
        familyReason: `Fall detected at ${when}${received}`,
        evidence,
      }],
    };
  },
});
