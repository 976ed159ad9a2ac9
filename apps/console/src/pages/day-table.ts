import type { Day } from './day-picture.js';
import { clockTime, lasting } from './when.js';

const BLOCK_MS = 3 * 3_600_000;

/** The picture of a day in words and figures: firings, or how long it was open or occupied, in each three hours. */
export function dayTable(day: Day): { columns: string[]; rows: { label: string; counts: string[]; last: string }[] } {
  const blocks = Array.from({ length: Math.ceil((day.endMs - day.startMs) / BLOCK_MS) }, (_, index) => day.startMs + index * BLOCK_MS);
  return {
    columns: blocks.map((ms) => `From ${clockTime(ms, day.timeZone)}`),
    rows: day.ribbons.map((ribbon) => ({
      label: ribbon.label,
      counts: blocks.map((fromMs) => {
        const toMs = fromMs + BLOCK_MS;
        const fired = ribbon.ticks.filter(({ startMs }) => startMs >= fromMs && startMs < toMs).reduce((sum, { count }) => sum + count, 0);
        const heldMs = ribbon.spans.reduce((sum, span) => sum + Math.max(0, Math.min(span.toMs, toMs) - Math.max(span.fromMs, fromMs)), 0);
        return [fired > 0 ? String(fired) : '', heldMs > 0 ? `for ${lasting(heldMs)}` : ''].filter((part) => part !== '').join(', ') || '–';
      }),
      last: lastOf(ribbon.ticks.map(({ startMs }) => startMs), ribbon.spans.map(({ toMs }) => toMs), day.timeZone),
    })),
  };
}

function lastOf(ticks: number[], spans: number[], timeZone: string): string {
  const all = [...ticks, ...spans];
  return all.length === 0 ? 'nothing' : clockTime(Math.max(...all), timeZone);
}
