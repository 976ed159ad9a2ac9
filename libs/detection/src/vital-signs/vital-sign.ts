import { evidenceOf, rule, type AnyRule, type Parameters } from '../engine/rule.js';
import type { Severity } from '../finding.js';
import { AGREED, dayEpisode, endDay, maySpeak, type DayState } from './day-episode.js';
import { beyondLimit, type Limit } from './limits.js';

const CAUSE = 'limits';
const FRESH: DayState = { newestMs: 0 };

/** A rule for a vital sign that is one number with limits. */
export function vitalSignRule(about: {
  id: string;
  title: string;
  kind: string;
  /** As a sentence says it: `Pulse 48 per minute`. */
  words: { label: string; unit: string };
  limits: readonly (Limit & { value: number; min: number; max: number; unit: string; doc: string })[];
}): AnyRule {
  const limits: Parameters = Object.fromEntries(about.limits.map(({ parameter, value, unit, min, max, doc }) => [parameter, { default: value, unit, min, max, doc }]));
  const severities = [...new Set(about.limits.map(({ severity }): Severity => severity))];
  return rule<DayState>()({
    id: about.id,
    version: 1,
    title: about.title,
    severities,
    lane: 'at-once',
    needs: [about.kind],
    subject: 'resident-or-device',
    enabledByDefault: true,
    parameters: { ...limits, agreed: AGREED },

    advance: (state, reading, context) => {
      if (typeof reading.value !== 'number' || !maySpeak(state, reading.atMs, context)) return { state };
      const exceeded = beyondLimit(reading.value, about.words, evidenceOf(reading), about.limits, context.parameters as unknown as Record<string, number>);
      return dayEpisode(state, FRESH, reading.atMs, exceeded === undefined ? [] : [exceeded], CAUSE, context);
    },

    due: (state) => endDay(state, CAUSE),
  });
}
