import { localHours, nights } from './local-hours.js';
import { percent, xml, type TimeAxis } from './svg.js';
import { clockTime } from './when.js';

/** One sensor's ribbon. */
export interface Ribbon {
  label: string;
  /** How often it fired in each interval of `tickMs`. */
  ticks: { startMs: number; count: number }[];
  /** While it said true: open, occupied, on. */
  spans: { fromMs: number; toMs: number }[];
  /** Doors are drawn in a colour of their own. */
  door: boolean;
  /** Said of a ribbon without marks. */
  quiet: string;
}

export interface DayAlert { atMs: number; severity: 'emergency' | 'urgent' | 'routine' | 'technical'; reason: string }

export interface Day extends TimeAxis { ribbons: Ribbon[]; alerts: DayAlert[]; tickMs: number }

/*
 *  00:00      03:00     06:00  …        axis
 *  ▲E                    ●U             alerts
 *  Hallway movement                     label
 *  ▏▏▏  ▏▏      ▏▏▏▏▏▏▏  ▏              ribbon, night shaded
 */
const AXIS_PX = 22;
const ALERTS_PX = 30;
const ROW_PX = 46;
const LABEL_PX = 15;
const RIBBON_TOP_PX = 21;
const RIBBON_PX = 18;

/** The day as SVG: as wide as its place, text at its own size. Its words stand in the table beside it. */
export function dayPicture(day: Day): string {
  const top = AXIS_PX + (day.alerts.length > 0 ? ALERTS_PX : 0);
  const height = top + day.ribbons.length * ROW_PX + 8;
  const firings = day.ribbons.filter((ribbon) => ribbon.ticks.length + ribbon.spans.length > 0).length;
  const summary = `${firings} of ${day.ribbons.length} sensors were active between ${clockTime(day.startMs, day.timeZone)} and ${clockTime(day.endMs, day.timeZone)} the day after. ${day.alerts.length} alerts. The table below holds the same figures.`;
  return [
    `<svg class="hw-day" height="${height}" role="img" aria-labelledby="day-title day-desc" xmlns="http://www.w3.org/2000/svg">`,
    `<title id="day-title">Activity of each sensor over 24 hours</title><desc id="day-desc">${xml(summary)}</desc>`,
    axis(day, height),
    ...day.ribbons.map((ribbon, index) => drawRibbon(day, ribbon, top + index * ROW_PX)),
    ...day.alerts.map((alert) => drawAlert(day, alert, height)),
    '</svg>',
  ].join('');
}

function axis(day: Day, height: number): string {
  return localHours(day.startMs, day.endMs, 3, day.timeZone).map((ms) => {
    const x = percent(day, ms);
    return `<line class="grid" x1="${x}%" x2="${x}%" y1="${AXIS_PX - 4}" y2="${height}"/><text class="axis" x="${x}%" y="13" text-anchor="middle">${clockTime(ms, day.timeZone)}</text>`;
  }).join('');
}

function drawRibbon(day: Day, ribbon: Ribbon, y: number): string {
  const top = y + RIBBON_TOP_PX;
  const bar = (name: string, fromMs: number, toMs: number): string =>
    `<rect class="${name}" x="${percent(day, fromMs)}%" y="${top}" width="${Math.max(0.02, percent(day, toMs) - percent(day, fromMs)).toFixed(3)}%" height="${RIBBON_PX}"/>`;
  const tick = ({ startMs, count }: { startMs: number; count: number }): string => {
    const tall = Math.round(RIBBON_PX * (count >= 6 ? 1 : count >= 3 ? 0.8 : 0.6));
    return `<rect class="tick${ribbon.door ? '-door' : ''}" x="${percent(day, startMs)}%" y="${top + RIBBON_PX - tall}" width="2.5" height="${tall}"/>`;
  };
  const empty = ribbon.ticks.length + ribbon.spans.length === 0;
  return [
    `<rect class="base" x="0" y="${top}" width="100%" height="${RIBBON_PX}"/>`,
    ...nights(day.startMs, day.endMs, day.timeZone).map(({ fromMs, toMs }) => bar('base-night', fromMs, toMs)),
    ...ribbon.spans.flatMap(({ fromMs, toMs }) => [bar('span', fromMs, toMs), `<rect class="span" x="${percent(day, fromMs)}%" y="${top}" width="2.5" height="${RIBBON_PX}"/>`]),
    ...ribbon.ticks.map(tick),
    `<text x="0" y="${y + LABEL_PX}">${xml(ribbon.label)}</text>`,
    empty ? `<text class="none" x="8" y="${top + 13}">${xml(ribbon.quiet)}</text>` : '',
  ].join('');
}

function drawAlert(day: Day, { atMs, severity, reason }: DayAlert, height: number): string {
  const x = percent(day, atMs);
  const y = AXIS_PX + ALERTS_PX / 2 - 3;
  const line = severity === 'emergency' || severity === 'urgent' ? `<line class="alert-line ${severity}" x1="${x}%" x2="${x}%" y1="${y}" y2="${height}"/>` : '';
  return `${line}<g><title>${xml(`${clockTime(atMs, day.timeZone)} ${severity}: ${reason}`)}</title><circle class="${severity}" cx="${x}%" cy="${y}" r="9"/><text class="letter letter-${severity}" x="${x}%" y="${y + 4}">${severity.charAt(0).toUpperCase()}</text></g>`;
}
