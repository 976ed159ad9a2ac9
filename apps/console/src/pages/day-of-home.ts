import { KINDS, isKind } from '#libs/telemetry';
import type { Device } from '#libs/registry';
import type { Interval, Point, TimeSeries } from '#libs/timeseries';
import type { Day, DayAlert, Ribbon } from './day-picture.js';
import { roomName, useName } from './words.js';

const DAY_MS = 86_400_000;
const TICK_MS = 300_000;
/** A state that began before the picture is looked for this far back. */
const STATE_BEFORE_MS = 7 * DAY_MS;
const STATE_CHANGES_MAX = 2_000;
const RIBBONS_MAX = 60;

/** States of a person's day. Power, tampering and the like are told with the devices. */
const SHOWN_STATES: readonly string[] = ['presence', 'bed_occupied', 'chair_occupied', 'open', 'smoke', 'carbon_monoxide', 'gas', 'heat', 'water_leak', 'enuresis', 'on_oxygen', 'snoring'];
const HIDDEN_EVENTS: readonly string[] = ['vibration'];
const USE_ORDER = ['movement', 'exterior-door', 'interior-door', 'bed', 'chair', 'fridge', 'cupboard', 'cooker', 'appliance', 'alarm', 'wearable', 'medication', 'other'];

/** Of these, no mark is what everybody hopes for. */
const ALARMS: readonly string[] = ['alarm', 'wearable'];

const isEvent = (kind: string): boolean => isKind(kind) && KINDS[kind].type === 'event' && !HIDDEN_EVENTS.includes(kind);
const isShownState = (kind: string): boolean => SHOWN_STATES.includes(kind);

/**
 * The stretch that a home's picture shows: the 24 hours up to now; but for a home whose newest
 * reading is older than that (a replay, or long silence), the 24 hours up to that reading.
 */
export function dayStretch(newestMs: number, nowMs: number): { startMs: number; endMs: number; old: boolean } {
  const old = nowMs - newestMs > DAY_MS;
  const endMs = Math.ceil((old ? newestMs + 1 : Math.max(nowMs, newestMs + 1)) / TICK_MS) * TICK_MS;
  return { startMs: endMs - DAY_MS, endMs, old };
}

/** Reads one home's day: one query per kind that it has, each bounded. */
export async function loadDay(
  series: TimeSeries,
  home: { id: string; timeZone: string },
  known: { devices: Device[]; latest: Point[]; alerts: DayAlert[] },
  stretch: { startMs: number; endMs: number },
): Promise<Day> {
  const kinds = [...new Set(known.latest.map((point) => point.kind))];
  const ticks = (await Promise.all(kinds.filter(isEvent).map((kind) =>
    series.aggregate({ home: home.id, kind, fromMs: stretch.startMs, toMs: stretch.endMs, everyMs: TICK_MS, fn: 'count' })))).flat();
  const states = (await Promise.all(kinds.filter(isShownState).map((kind) => loadState(series, home.id, kind, stretch)))).flat();
  return {
    ...stretch, timeZone: home.timeZone, tickMs: TICK_MS,
    ribbons: ribbonsOf(known.devices, known.latest, ticks, states, stretch.endMs),
    alerts: known.alerts.filter(({ atMs }) => atMs >= stretch.startMs && atMs <= stretch.endMs),
  };
}

interface StateChange { device: string; kind: string; atMs: number; value: unknown }

async function loadState(series: TimeSeries, home: string, kind: string, { startMs, endMs }: { startMs: number; endMs: number }): Promise<StateChange[]> {
  const before = await series.aggregate({ home, kind, fromMs: Math.max(0, startMs - STATE_BEFORE_MS), toMs: startMs, everyMs: STATE_BEFORE_MS, fn: 'last' });
  const during = await series.raw({ home, kind, fromMs: startMs, toMs: endMs, limit: STATE_CHANGES_MAX });
  return [...before.map((interval) => ({ ...interval, atMs: startMs })), ...during.items];
}

function ribbonsOf(devices: Device[], latest: Point[], ticks: Interval[], states: StateChange[], endMs: number): Ribbon[] {
  const registered = new Map(devices.map((device) => [device.id, device]));
  const telling = new Set(latest.filter(({ kind }) => isEvent(kind) || isShownState(kind)).map(({ device }) => device));
  const expected = devices.filter((device) => device.kinds.some((kind) => isEvent(kind) || isShownState(kind))).map(({ id }) => id);
  const ids = [...new Set([...expected, ...telling])].sort((a, b) => order(registered.get(a)) - order(registered.get(b)) || (a < b ? -1 : 1)).slice(0, RIBBONS_MAX);
  return ids.map((id) => {
    const device = registered.get(id);
    return {
      label: ribbonLabel(id, device),
      door: device !== undefined && (device.use.endsWith('-door') || device.use === 'fridge' || device.use === 'cupboard'),
      quiet: device !== undefined && ALARMS.includes(device.use) ? 'No alarm in these 24 hours' : 'Nothing in these 24 hours',
      ticks: merged(ticks.filter((tick) => tick.device === id)),
      spans: spansOf(states.filter((state) => state.device === id), endMs),
    };
  });
}

function order(device: Device | undefined): number {
  if (device === undefined) return USE_ORDER.length;
  const place = USE_ORDER.indexOf(device.use);
  return place === -1 ? USE_ORDER.length : place;
}

function ribbonLabel(id: string, device: Device | undefined): string {
  if (device === undefined) return `${id} (not registered)`;
  return `${roomName(device.room, device.roomName)} – ${useName(device.use).toLowerCase()} (${id})`;
}

/** A device of several kinds of events has one ribbon. */
function merged(ticks: Interval[]): Ribbon['ticks'] {
  const counts = new Map<number, number>();
  for (const { startMs, value } of ticks) counts.set(startMs, (counts.get(startMs) ?? 0) + Number(value));
  return [...counts].map(([startMs, count]) => ({ startMs, count })).sort((a, b) => a.startMs - b.startMs);
}

/** From each true to the next false of the same kind; what is still true lasts to the picture's end. */
function spansOf(changes: StateChange[], endMs: number): Ribbon['spans'] {
  const spans: Ribbon['spans'] = [];
  for (const kind of new Set(changes.map((change) => change.kind))) {
    let fromMs: number | undefined;
    for (const change of changes.filter((one) => one.kind === kind).sort((a, b) => a.atMs - b.atMs)) {
      if (change.value === true) fromMs ??= change.atMs;
      else if (fromMs !== undefined) {
        spans.push({ fromMs, toMs: change.atMs });
        fromMs = undefined;
      }
    }
    if (fromMs !== undefined) spans.push({ fromMs, toMs: endMs });
  }
  return spans;
}
