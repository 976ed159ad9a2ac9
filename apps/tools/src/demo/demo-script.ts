import { hours, minutes } from '#libs/runtime';
import { LocalDay, STREET, type Incident } from '#simulators';

/** One thing that happens in the last day of the demo, and what the service should make of it. */
export interface Scene {
  incident: Incident;
  /** When a viewer sees the first alert of it, by the homes' time. */
  seenMs: number;
  tells: string;
}

export interface DemoScript {
  historyFromMs: number;
  /** From here on time is accelerated until it meets the present. */
  playFromMs: number;
  scenes: Scene[];
}

const HISTORY_MS = hours(24);
const PLAYED_MS = hours(24);

/** What happens in the four homes when the demo starts at `nowMs`: one incident each, all in the day before now. */
export function demoScript(nowMs: number): DemoScript {
  const playFromMs = nowMs - PLAYED_MS;
  const zone = STREET[0]?.plan.timeZone ?? 'Europe/London';
  const clockTime = (times: readonly number[], beforeNowMs: number): number =>
    latest(times, zone, playFromMs + hours(1), nowMs - beforeNowMs) ?? nowMs - hours(6);
  const exitMs = clockTime([130, 200, 70], minutes(60)); // 02:10, else 03:20 or 01:10
  const measuredMs = clockTime([9 * 60 + 45, 17 * 60 + 40, 14 * 60 + 15], minutes(45));
  const failedMs = nowMs - hours(13);
  const pressedMs = nowMs - minutes(75);
  const scenes: Scene[] = [
    {
      incident: { kind: 'night-exit', home: 'street-3', person: 'r1', atMs: exitMs, backMs: exitMs + minutes(52) },
      seenMs: exitMs + minutes(3),
      tells: 'street-3  somebody leaves by the front door in the night and does not come back: urgent after 3 minutes, an emergency after 30',
    },
    {
      incident: { kind: 'heating-failure', home: 'street-4', fromMs: failedMs },
      seenMs: failedMs + hours(4),
      tells: 'street-4  the heating fails: below 18 °C first, then below 16 °C for two hours, which is urgent',
    },
    {
      incident: { kind: 'high-blood-pressure', home: 'street-2', person: 'r2', atMs: measuredMs, systolic: 186, diastolic: 104 },
      seenMs: measuredMs + minutes(8),
      tells: 'street-2  one of the couple measures 186/104 mmHg, twice: urgent',
    },
    {
      incident: { kind: 'sos', home: 'street-1', person: 'r1', atMs: pressedMs },
      seenMs: pressedMs,
      tells: 'street-1  the pendant is pressed in the bathroom, and again four minutes later: an emergency that pages twice',
    },
  ];
  return { historyFromMs: playFromMs - HISTORY_MS, playFromMs, scenes: scenes.sort((a, b) => a.seenMs - b.seenMs) };
}

/** The first of these times on the wall (minutes from midnight) that lies between two moments; on the later day if on both. */
function latest(times: readonly number[], zone: string, fromMs: number, untilMs: number): number | undefined {
  const today = LocalDay.of(untilMs, zone);
  for (const minute of times) {
    for (const day of [today, today.plus(-1)]) {
      const atMs = day.at(minute);
      if (atMs >= fromMs && atMs <= untilMs) return atMs;
    }
  }
  return undefined;
}
