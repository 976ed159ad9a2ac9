/** From `fromMs` to before `untilMs`. */
export interface Period {
  fromMs: number;
  untilMs: number;
}

/** The same time as periods that neither overlap nor touch, in order. */
export function mergePeriods(periods: readonly Period[]): Period[] {
  const merged: Period[] = [];
  for (const period of [...periods].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1);
    if (period.untilMs <= period.fromMs) continue;
    if (last !== undefined && period.fromMs <= last.untilMs) last.untilMs = Math.max(last.untilMs, period.untilMs);
    else merged.push({ ...period });
  }
  return merged;
}

/** The parts of a period that none of the others covers. */
export function withoutPeriods(whole: Period, others: readonly Period[]): Period[] {
  const parts: Period[] = [];
  let fromMs = whole.fromMs;
  for (const other of mergePeriods(others)) {
    if (other.untilMs <= fromMs) continue;
    if (other.fromMs >= whole.untilMs) break;
    if (other.fromMs > fromMs) parts.push({ fromMs, untilMs: other.fromMs });
    fromMs = other.untilMs;
  }
  if (fromMs < whole.untilMs) parts.push({ fromMs, untilMs: whole.untilMs });
  return parts;
}

/** How long they are together, if they do not overlap. */
export function totalMs(periods: readonly Period[]): number {
  return periods.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
}
