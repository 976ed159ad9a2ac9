import { confirmCheck, listChecks, listDevices, listSightings, listWiring, WIRED_KINDS, type DeviceCheck, type SeenReading, type WiredKind } from '#libs/registry';
import { isKind, KINDS } from '#libs/telemetry';
import type { Point } from '#libs/timeseries';
import type { Stores } from '../stores.js';

/** A clock in the home may be behind ours by this much. */
const CLOCK_BEHIND_MS = 30_000;
const CLOCK_AHEAD_MS = 300_000;
const POINTS_MAX = 1_000;

/**
 * How the newest check of a device stands. What it has told since the question confirms it: a movement, a
 * press, a change of state where it has such, else any measurement. Its battery or radio proves
 * nothing, and neither does a backlog of older readings that arrives only now.
 */
export async function lookForDevice({ db, series, clock }: Stores, home: string, device: string): Promise<DeviceCheck | undefined> {
  const check = (await listChecks(db, home)).find((one) => one.device === device);
  if (check === undefined || check.confirmedMs !== null) return check;
  const nowMs = clock.nowMs();
  const { items } = await series.raw({ home, device, fromMs: check.askedMs - CLOCK_BEHIND_MS, toMs: nowMs + CLOCK_AHEAD_MS, limit: POINTS_MAX });
  const kinds = await kindsOf(db, home, device, nowMs);
  const point = provingPoint(items.filter(({ receivedMs }) => receivedMs > check.askedMs), kinds);
  if (point === undefined) return check;
  const seen: SeenReading = { kind: point.kind, value: point.value, atMs: point.receivedMs };
  await confirmCheck(db, check, seen, nowMs);
  return { ...check, confirmedMs: nowMs, seen };
}

async function kindsOf(db: Stores['db'], home: string, device: string, nowMs: number): Promise<string[]> {
  const registered = (await listDevices(db, home, nowMs)).find(({ id }) => id === device)?.kinds ?? [];
  const heard = (await listSightings(db, home)).find((sighting) => sighting.device === device)?.kinds ?? [];
  return [...registered, ...heard];
}

const UPKEEP = new Set(['battery', 'signal', 'link_quality', 'tamper', 'mains_power']);

const isDoing = (kind: string): boolean => !UPKEEP.has(kind) && isKind(kind) && (KINDS[kind].type === 'event' || KINDS[kind].type === 'state');

/** The first reading that shows the device at work; of several in one message the one with a wiring. */
export function provingPoint(points: readonly Point[], kinds: readonly string[]): Point | undefined {
  const proving = points.filter(({ kind }) => (kinds.some(isDoing) ? isDoing(kind) : !UPKEEP.has(kind)));
  const [first] = proving;
  return proving.find(({ kind, atMs }) => isWired(kind) && atMs === first?.atMs) ?? first;
}

export const isWired = (kind: string): kind is WiredKind => (WIRED_KINDS as readonly string[]).includes(kind);

/**
 * Whether a device has to be turned round, from what it told and what was really so. What it told has
 * been turned round already if it was `inverted` then.
 */
export function isWiredWrong(told: boolean, truth: boolean, inverted: boolean): boolean {
  return (told !== inverted) !== truth;
}

/** Whether a device's state of this kind was turned round at a time. */
export async function isInvertedAt(db: Stores['db'], home: string, { device, kind }: { device: string; kind: string }, atMs: number): Promise<boolean> {
  return (await listWiring(db, home)).findLast((one) => one.device === device && one.kind === kind && one.effectiveFromMs <= atMs)?.inverted ?? false;
}
