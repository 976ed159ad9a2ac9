import { setBounded } from './bounded-record.js';
import type { HomeMemory, HubState } from './home-state.js';
import type { Period } from '../time/period.js';
import type { Status } from './rule.js';

/** A hub that was not heard for this long was away, and what lies behind it gets time to report. */
export const HUB_HEARTBEAT_MAX_MS = 60 * 60_000;
const HUBS_MAX = 16;

/** A hub's status has come. */
export function heardStatus(memory: HomeMemory, status: Status): void {
  if (status.hub === undefined) return heardFromHome(memory, status.atMs);
  const key = `hub:${status.hub}`;
  const before = Object.hasOwn(memory.hubs, key) ? memory.hubs[key] : undefined;
  const away = before === undefined || !before.online || status.atMs - before.heardMs > HUB_HEARTBEAT_MAX_MS;
  setBounded(memory.hubs, key, {
    heardMs: status.online ? Math.max(before?.heardMs ?? 0, status.atMs) : (before?.heardMs ?? status.atMs),
    saidMs: Math.max(before?.saidMs ?? 0, status.atMs),
    online: status.online,
    backMs: status.online && away ? status.atMs : (before?.backMs ?? status.atMs),
    ...outageOf(before, status.online && away, status.atMs),
  }, HUBS_MAX);
}

/** The last outage of a hub, kept until the next one. */
function outageOf(before: HubState | undefined, isBack: boolean, atMs: number): { outage?: Period } {
  if (before === undefined) return {};
  if (isBack) return { outage: { fromMs: before.heardMs, untilMs: atMs } };
  return before.outage === undefined ? {} : { outage: before.outage };
}

/** When the home's hubs could not be heard: the last outage of each, and the one that goes on. With several hubs only what they share. */
export function hubOutages(memory: Readonly<HomeMemory>, nowMs: number): Period[] {
  const hubs = Object.values(memory.hubs);
  const silentMs = hubsSilentSinceMs(memory, nowMs);
  const going = silentMs === undefined ? [] : [{ fromMs: silentMs, untilMs: nowMs }];
  const last = hubs.length === 1 && hubs[0]?.outage !== undefined ? [hubs[0].outage] : [];
  return [...last, ...going];
}

/** Something came from the home: where there is one hub only, it came through it. */
export function heardFromHome(memory: HomeMemory, atMs: number): void {
  let only: string | undefined;
  for (const key in memory.hubs) {
    if (only !== undefined) return;
    only = key;
  }
  const hub = only === undefined ? undefined : memory.hubs[only];
  if (hub === undefined || only === undefined || atMs <= hub.heardMs || atMs < hub.saidMs) return;
  const away = !hub.online || atMs - hub.heardMs > HUB_HEARTBEAT_MAX_MS;
  memory.hubs[only] = { heardMs: atMs, saidMs: hub.saidMs, online: true, backMs: away ? atMs : hub.backMs, ...outageOf(hub, away, atMs) };
}

/**
 * Since when nothing can be heard of the home because its hubs are silent; undefined while one is heard,
 * or where no hub ever said anything.
 */
export function hubsSilentSinceMs(memory: Readonly<HomeMemory>, nowMs: number): number | undefined {
  const hubs = Object.values(memory.hubs);
  if (hubs.length === 0) return undefined;
  const heard = hubs.some((hub) => hub.online && nowMs - hub.heardMs <= HUB_HEARTBEAT_MAX_MS);
  return heard ? undefined : Math.max(...hubs.map(({ heardMs }) => heardMs));
}

/** Since when the home's hubs are heard again after a silence, or were first heard. */
export function hubsBackMs(memory: Readonly<HomeMemory>): number {
  return Math.max(0, ...Object.values(memory.hubs).map(({ backMs }) => backMs));
}
