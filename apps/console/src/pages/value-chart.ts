import { localHours } from './local-hours.js';
import { percent, xml, type TimeAxis } from './svg.js';
import { clockTime } from './when.js';

export interface ValueLine { name: string; points: { atMs: number; value: number }[] }
/** A limit of one line of a chart, or of all; `inclusive`: a value at the limit is outside already. */
export interface Limit { value: number; outside: 'above' | 'below'; inclusive: boolean; line?: string }

export interface Chart extends TimeAxis { id: string; name: string; unit: string; lines: ValueLine[]; limits: Limit[] }

const TOP_PX = 12;
const BOTTOM_PX = 126;
const HEIGHT_PX = 148;
/** The rest of the width is for the limits' own words. */
const PLOT_SHARE = 0.84;
/** Points further apart are not joined: nobody knows what was between. */
const JOIN_MAX_SHARE = 0.34;

const across = (chart: Chart, ms: number): number => Math.round(percent(chart, ms) * PLOT_SHARE * 1_000) / 1_000;

export function isOutside(value: number, limits: Limit[], line: string): boolean {
  return limits.some((limit) => (limit.line === undefined || limit.line === line)
    && ((limit.inclusive && value === limit.value) || (limit.outside === 'above' ? value > limit.value : value < limit.value)));
}

/** One vital sign over time as SVG, with its limits; as wide as its place. Its values stand in the table beside it. */
export function valueChart(chart: Chart): string {
  const values = chart.lines.flatMap((line) => line.points.map((point) => point.value));
  const limits = chart.limits;
  const all = [...values, ...limits.map((limit) => limit.value)];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const margin = Math.max((high - low) * 0.12, 0.5);
  const y = (value: number): number => Math.round((BOTTOM_PX - ((value - low + margin) / (high - low + 2 * margin)) * (BOTTOM_PX - TOP_PX)) * 10) / 10;
  const summary = `${values.length} values, lowest ${Math.min(...values)}, highest ${Math.max(...values)} ${chart.unit}. Limits: ${limits.map(limitText).join(', ') || 'none'}.`;
  return [
    `<svg class="hw-chart" height="${HEIGHT_PX}" role="img" aria-labelledby="${chart.id}-t ${chart.id}-d" xmlns="http://www.w3.org/2000/svg">`,
    `<title id="${chart.id}-t">${xml(chart.name)} over time</title><desc id="${chart.id}-d">${xml(summary)}</desc>`,
    timeAxis(chart),
    ...limits.map((limit) => `<line class="limit" x1="0" x2="100%" y1="${y(limit.value)}" y2="${y(limit.value)}"/><text class="limit-text" x="100%" y="${y(limit.value) + (limit.outside === 'above' ? -3 : 13)}" text-anchor="end">${xml(limitText(limit))}</text>`),
    limits.length > 0 ? '' : scale(Math.min(...values), Math.max(...values), y),
    ...chart.lines.map((line) => drawLine(chart, line, y)),
    '</svg>',
  ].join('');
}

/** Where no limit gives a sense of scale, the highest and lowest value do. */
function scale(lowest: number, highest: number, y: (value: number) => number): string {
  return [...new Set([highest, lowest])].map((value) => `<text x="100%" y="${y(value) + 4}" text-anchor="end">${shortNumber(value)}</text>`).join('');
}

/** A value with one decimal at most: more is noise. */
export function shortNumber(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function limitText({ value, outside, inclusive }: Limit): string {
  const sign = outside === 'above' ? (inclusive ? '≥' : '>') : (inclusive ? '≤' : '<');
  return `${sign} ${value}`;
}

function timeAxis(chart: Chart): string {
  const long = chart.endMs - chart.startMs > 2 * 86_400_000;
  const marks = localHours(chart.startMs, chart.endMs, long ? 24 : 6, chart.timeZone);
  const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: chart.timeZone });
  return [
    `<line class="frame" x1="0" x2="${100 * PLOT_SHARE}%" y1="${BOTTOM_PX + 2}" y2="${BOTTOM_PX + 2}"/>`,
    ...marks.map((ms) => {
      const x = across(chart, ms);
      const mark = `<line class="frame" x1="${x}%" x2="${x}%" y1="${TOP_PX}" y2="${BOTTOM_PX + 2}"/>`;
      if (long && x > 91 * PLOT_SHARE) return mark; // No room for the name of a day that has just begun.
      return `${mark}<text x="${x}%" y="${HEIGHT_PX - 5}" text-anchor="${long ? 'start' : 'middle'}">${long ? day.format(ms) : clockTime(ms, chart.timeZone)}</text>`;
    }),
  ].join('');
}

function drawLine(chart: Chart, { name, points }: ValueLine, y: (value: number) => number): string {
  const joinMaxMs = (chart.endMs - chart.startMs) * JOIN_MAX_SHARE;
  return points.map((point, index) => {
    const before = points[index - 1];
    const x = across(chart, point.atMs);
    const join = before !== undefined && point.atMs - before.atMs <= joinMaxMs
      ? `<line class="line" x1="${across(chart, before.atMs)}%" y1="${y(before.value)}" x2="${x}%" y2="${y(point.value)}"/>` : '';
    const dense = points.length > 60;
    const outside = isOutside(point.value, chart.limits, name);
    const dot = dense && !outside ? '' : `<circle class="${outside ? 'dot-out' : 'dot'}" cx="${x}%" cy="${y(point.value)}" r="${outside ? 4.5 : 3.5}"/>`;
    return join + dot;
  }).join('');
}
