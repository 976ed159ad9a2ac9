import type { RuleContext } from '../engine/rule-context.js';
import type { RuleState, Saying } from '../engine/rule.js';
import type { Severity } from '../finding.js';
import { isLate } from '../rules/lateness.js';
import { localDayAt } from '../time/local-day.js';
import { dayAndTime } from '../time/spoken.js';
import { isGraver, type Exceeded } from './limits.js';

/** What is remembered of a vital sign: what was said today, and the newest reading. */
export interface DayState extends RuleState {
  newestMs: number;
  today?: { episode: string; fromMs: number; severity: Exclude<Severity, 'technical'>; endMs: number };
}

/** Every rule of a vital sign has this parameter. */
export const AGREED = {
  default: false, unit: 'flag', doc: 'True once a clinician has agreed the limits for this person; until then every alert says that they are not.',
} as const;

const FAMILY_REASON = 'A health reading needs a look by the care team';

/** False for a reading that came too late to speak: not the newest of its kind, or of a day that is over. */
export function maySpeak(state: DayState | undefined, atMs: number, context: RuleContext): boolean {
  if (!isLate({ atMs }, context)) return true;
  const sameDay = localDayAt(context.timeZone, atMs).date === localDayAt(context.timeZone, context.nowMs).date;
  return sameDay && atMs >= (state?.newestMs ?? 0);
}

/**
 * A measurement was judged. A bad day is one bad day: one finding when the first is beyond a limit, one
 * more if a later one is graver, and the episode ends at midnight where the person lives, so that a
 * normal reading in between does not start it anew.
 */
export function dayEpisode<S extends DayState>(
  state: S | undefined, fresh: S, atMs: number, exceeded: readonly Exceeded[], cause: string, context: RuleContext<{ agreed: typeof AGREED }>, mark = '',
): { state: S; says: Saying[] } {
  const says: Saying[] = [];
  let next: S = { ...(state ?? fresh), newestMs: Math.max(state?.newestMs ?? 0, atMs) };
  if (next.today !== undefined && atMs >= next.today.endMs) {
    says.push(ending(next.today, cause));
    next = withoutToday(next);
  }
  const worst = exceeded.reduce<Exceeded | undefined>((a, b) => (a === undefined || isGraver(b.severity, a.severity) ? b : a), undefined);
  if (worst === undefined || (next.today !== undefined && !isGraver(worst.severity, next.today.severity))) return { state: next, says };

  const fromMs = next.today?.fromMs ?? atMs;
  const episode = next.today?.episode ?? context.key(cause, fromMs, worst.severity);
  const late = isLate({ atMs }, context) ? `. Measured at ${dayAndTime(context.timeZone, atMs, context.nowMs)}` : '';
  const doubt = context.parameters.agreed ? '' : ' (limits not yet agreed for this person)';
  says.push({
    change: 'raise', cause, severity: worst.severity, fromMs, step: worst.severity, episode,
    reason: `${exceeded.map(({ text }) => text).join('. ')}${mark}${late}${doubt}`,
    familyReason: FAMILY_REASON,
    evidence: exceeded.map(({ evidence }) => evidence),
  });
  const endMs = next.today?.endMs ?? localDayAt(context.timeZone, Math.max(atMs, context.nowMs)).endMs;
  return { state: { ...next, today: { episode, fromMs, severity: worst.severity, endMs }, dueAtMs: endMs }, says };
}

/** Midnight has come: the day's episode ends. */
export function endDay<S extends DayState>(state: S, cause: string): { state: S; says: Saying[] } {
  return { state: withoutToday(state), says: state.today === undefined ? [] : [ending(state.today, cause)] };
}

function ending(today: NonNullable<DayState['today']>, cause: string): Saying {
  return {
    change: 'clear', cause, severity: today.severity, fromMs: today.fromMs, step: 'clear', episode: today.episode,
    reason: 'The day is over; the next reading is judged anew', familyReason: FAMILY_REASON, evidence: [],
  };
}

function withoutToday<S extends DayState>(state: S): S {
  const next = { ...state };
  delete next.today;
  delete next.dueAtMs;
  return next;
}
