import { evidenceOf, rule, type RuleState } from '../engine/rule.js';
import { dayAndTime } from '../time/spoken.js';
import { place } from './place.js';
import { isLate } from './lateness.js';

interface SosState extends RuleState {
  episode: string;
  lastMs: number;
}

/**
 * Somebody pressed for help. Pages at once, and again at each further press; only the same press
 * delivered twice is silent, because its key is made of its own time. Nothing suppresses it.
 */
export const sos = rule<SosState>()({
  id: 'sos',
  version: 1,
  title: 'Call for help',
  severities: ['emergency'],
  lane: 'at-once',
  needs: ['sos'],
  subject: 'resident-or-device',
  enabledByDefault: true,
  parameters: {
    joinMaxMs: { default: 15 * 60_000, unit: 'ms', min: 60_000, max: 24 * 3_600_000, doc: 'A press within this time of the one before belongs to the same call.' },
  },

  advance: (state, reading, context) => {
    const joins = state !== undefined && Math.abs(reading.atMs - state.lastMs) <= context.parameters.joinMaxMs;
    const key = context.key('pressed', reading.atMs, 'emergency');
    const episode = joins ? state.episode : key;
    const again = joins ? ' again' : '';
    const when = dayAndTime(context.timeZone, reading.atMs, context.nowMs);
    const received = isLate(reading, context) ? `, received at ${dayAndTime(context.timeZone, context.nowMs, reading.atMs)}` : '';
    const where = place(context.device(reading.device, reading.atMs));
    return {
      state: joins && reading.atMs < state.lastMs ? state : { episode, lastMs: reading.atMs },
      says: [{
        change: joins ? 'again' : 'raise', cause: 'pressed', severity: 'emergency', fromMs: reading.atMs, step: 'emergency', episode,
        reason: `Pressed for help${again}${where} at ${when}${received}`,
        familyReason: `Pressed for help${again} at ${when}${received}`,
        evidence: [evidenceOf(reading)],
      }],
    };
  },
});
