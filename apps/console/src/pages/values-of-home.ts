import type { Device } from '#libs/registry';
import type { Point, TimeSeries } from '#libs/timeseries';
import { shortNumber, type Chart, type Limit, type ValueLine } from './value-chart.js';
import { roomName, unitText } from './words.js';

const WEEK_MS = 7 * 86_400_000;
const POINTS_MAX = 1_000;
const DENSE_EVERY_MS = 1_800_000;
const CHARTS_MAX = 24;

/** What is drawn together, in this order. */
const GROUPS: readonly { name: string; kinds: readonly string[]; each: 'person' | 'device' }[] = [
  { name: 'Blood pressure', kinds: ['systolic', 'diastolic'], each: 'person' },
  { name: 'Pulse', kinds: ['heart_rate'], each: 'person' },
  { name: 'Oxygen saturation', kinds: ['spo2'], each: 'person' },
  { name: 'Breathing rate', kinds: ['respiratory_rate'], each: 'person' },
  { name: 'Body temperature', kinds: ['body_temperature'], each: 'person' },
  { name: 'Weight', kinds: ['weight'], each: 'person' },
  { name: 'Blood glucose', kinds: ['blood_glucose'], each: 'person' },
  { name: 'Body water', kinds: ['body_water'], each: 'person' },
  { name: 'Room temperature', kinds: ['temperature'], each: 'device' },
];

type Sample = Pick<Point, 'device' | 'kind' | 'atMs'> & { value: number; resident: string };

export type LimitsOf = (kind: string) => Limit[];

/** The vital signs and room temperatures of the week up to `endMs`, one chart each, with the limits in force. */
export async function loadCharts(
  series: TimeSeries, home: { id: string; timeZone: string }, known: { devices: Device[]; latest: Point[]; limitsOf: LimitsOf }, endMs: number,
): Promise<Chart[]> {
  const present = new Set(known.latest.map((point) => point.kind));
  const owners = new Map(known.devices.map((device) => [device.id, device]));
  const stretch = { startMs: endMs - WEEK_MS, endMs, timeZone: home.timeZone };
  const charts: Chart[] = [];
  for (const group of GROUPS) {
    const samples: Sample[] = [];
    for (const kind of group.kinds) if (present.has(kind)) samples.push(...await load(series, home.id, kind, stretch, owners));
    const whose = (sample: Sample): string => (group.each === 'device' ? sample.device : sample.resident);
    for (const owner of [...new Set(samples.map(whose))].sort()) {
      const own = samples.filter((sample) => whose(sample) === owner);
      charts.push({
        ...stretch, id: `chart-${charts.length}`, unit: unitText(group.kinds[0]!),
        name: nameOf(group.name, owner, group.each === 'device' ? owners.get(owner) : undefined),
        lines: group.kinds.map((kind): ValueLine => ({ name: kind, points: own.filter((sample) => sample.kind === kind) })).filter((line) => line.points.length > 0),
        limits: group.kinds.flatMap((kind) => known.limitsOf(kind).map((limit) => (group.kinds.length > 1 ? { ...limit, line: kind } : limit))),
      });
    }
  }
  return charts.slice(0, CHARTS_MAX);
}

function nameOf(group: string, owner: string, device: Device | undefined): string {
  if (device !== undefined) return `${group}, ${roomName(device.room, device.roomName).toLowerCase()}`;
  return owner === '' ? group : `${group}, ${owner}`;
}

/** Every value of the week; for a device that measures all the time, means of half an hour. */
async function load(series: TimeSeries, home: string, kind: string, { startMs, endMs }: { startMs: number; endMs: number }, owners: Map<string, Device>): Promise<Sample[]> {
  const ownerOf = (device: string): string => owners.get(device)?.resident ?? '';
  const page = await series.raw({ home, kind, fromMs: startMs, toMs: endMs, limit: POINTS_MAX });
  if (page.next === undefined) {
    return page.items.flatMap(({ device, atMs, value, resident }) => (typeof value === 'number' ? [{ device, kind, atMs, value, resident: resident ?? ownerOf(device) }] : []));
  }
  const means = await series.aggregate({ home, kind, fromMs: startMs, toMs: endMs, everyMs: DENSE_EVERY_MS, fn: 'mean' });
  return means.flatMap(({ device, startMs: atMs, value }) => (typeof value === 'number' ? [{ device, kind, atMs, value: Math.round(value * 10) / 10, resident: ownerOf(device) }] : []));
}

/** `142/84 mmHg`, `71 a minute`: the newest value of each line. */
export function newestText(chart: Chart): { text: string; atMs: number; values: { line: string; value: number }[] } {
  const newest = chart.lines.map((line) => ({ line: line.name, ...line.points.at(-1)! }));
  const values = newest.map(({ line, value }) => ({ line, value }));
  return { text: `${newest.map(({ value }) => shortNumber(value)).join('/')} ${chart.unit}`, atMs: Math.max(...newest.map(({ atMs }) => atMs)), values };
}

