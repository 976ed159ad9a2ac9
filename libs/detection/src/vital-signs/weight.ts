import { evidenceOf, rule, type ParameterValues } from '../engine/rule.js';
import type { Evidence } from '../finding.js';
import { localDayAt } from '../time/local-day.js';
import { AGREED, dayEpisode, endDay, maySpeak, type DayState } from './day-episode.js';
import type { Exceeded } from './limits.js';

const DAY_MS = 86_400_000;

const PARAMETERS = {
  lossMaxPercent: { default: 5, unit: '%', min: 1, max: 20, doc: 'A weight this much below the mean of the last week or month is raised for the next working day.' },
  gainMaxKg: { default: 3, unit: 'kg', min: 0.5, max: 15, doc: 'A weight this much above the mean of the last week is raised for the next working day.' },
  otherPersonPercent: { default: 15, unit: '%', min: 8, max: 50, doc: 'A weight this far from the mean is taken for somebody else’s, unless the next one agrees.' },
  agreed: AGREED,
};

const CAUSE = 'change';
const DAYS_KEPT = 31;
const WEEK = { days: 7, measuredMin: 3, words: 'the last week' } as const;
const MONTH = { days: 30, measuredMin: 8, words: 'the last month' } as const;

interface WeightState extends DayState {
  /** The last weight of each day, oldest first. */
  days: [startMs: number, kg: number][];
  /** Somebody else's, unless the next reading agrees. */
  odd?: number;
}

const FRESH: WeightState = { newestMs: 0, days: [] };

/**
 * Weight lost or gained, against the mean of the days before: at least three of the last week, or eight
 * of the last month. Loss of 5 %: TIHM data paper (Scientific Data 10:606, table 5), where gains of about
 * 3 kg were labelled too; with no more than four labelled days the limits are a proposal.
 */
export const weight = rule<WeightState>()({
  id: 'weight',
  version: 1,
  title: 'Weight lost or gained',
  severities: ['routine'],
  lane: 'at-once',
  needs: ['weight'],
  subject: 'resident-or-device',
  enabledByDefault: true,
  parameters: PARAMETERS,

  advance: (state = FRESH, reading, context) => {
    const { value: kg, atMs } = reading;
    if (typeof kg !== 'number' || atMs < state.newestMs) return { state };
    const today = localDayAt(context.timeZone, atMs);
    const before = state.days.filter(([startMs]) => startMs < today.startMs);
    const [week, month] = [meanOf(before, today.startMs, WEEK), meanOf(before, today.startMs, MONTH)];
    const usual = month ?? week;
    const { otherPersonPercent } = context.parameters;
    const odd = usual !== undefined && Math.abs(kg - usual) > usual * otherPersonPercent / 100;
    const agrees = state.odd !== undefined && Math.abs(kg - state.odd) <= state.odd * 0.03;
    if (odd && !agrees) return { state: { ...state, newestMs: Math.max(state.newestMs, atMs), odd: kg } };

    const days: WeightState['days'] = [...before, [today.startMs, kg] as [number, number]].slice(-DAYS_KEPT);
    const kept: WeightState = { ...state, days };
    delete kept.odd;
    if (!maySpeak(state, atMs, context)) return { state: { ...kept, newestMs: atMs } };
    const exceeded = changeBeyond(kg, week, month, evidenceOf(reading), context.parameters);
    return dayEpisode(kept, FRESH, atMs, exceeded === undefined ? [] : [exceeded], CAUSE, context, odd ? ', seen twice running' : '');
  },

  due: (state) => endDay(state, CAUSE),
});

function meanOf(days: WeightState['days'], todayMs: number, window: { days: number; measuredMin: number }): number | undefined {
  // Half a day more, so that a change of clocks does not cut a day off.
  const inside = days.filter(([startMs]) => startMs >= todayMs - (window.days + 0.5) * DAY_MS);
  return inside.length < window.measuredMin ? undefined : inside.reduce((sum, [, kg]) => sum + kg, 0) / inside.length;
}

function changeBeyond(
  kg: number, week: number | undefined, month: number | undefined, evidence: Evidence, parameters: ParameterValues<typeof PARAMETERS>,
): Exceeded | undefined {
  const { lossMaxPercent, gainMaxKg } = parameters;
  const said = (text: string): Exceeded => ({ severity: 'routine', text, evidence });
  const loss = (mean: number, words: string): Exceeded =>
    said(`Weight ${kg} kg, ${((mean - kg) / mean * 100).toFixed(1)} % below ${words}’s mean of ${mean.toFixed(1)} kg; limit ${lossMaxPercent} %`);
  if (week !== undefined && kg <= week * (1 - lossMaxPercent / 100)) return loss(week, WEEK.words);
  if (month !== undefined && kg <= month * (1 - lossMaxPercent / 100)) return loss(month, MONTH.words);
  if (week !== undefined && kg >= week + gainMaxKg) {
    return said(`Weight ${kg} kg, ${(kg - week).toFixed(1)} kg above ${WEEK.words}’s mean of ${week.toFixed(1)} kg; limit ${gainMaxKg} kg`);
  }
  return undefined;
}
