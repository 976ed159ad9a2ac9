import { hours } from '#libs/runtime';
import type { RecordedMessage } from '#simulators';

const WINDOW_MS = hours(6);

/** How restless a home was in one window of six hours; windows begin at 0, 6, 12 and 18 h UTC, the labels' own clock. */
export interface WindowScore {
  home: string;
  /** UTC, ISO 8601; `to` excluded. */
  from: string;
  to: string;
  /** Room transitions: movement seen by another sensor than the movement before it. */
  score: number;
}

/**
 * A score for every home and window with movement. Room transitions alone tell labelled windows from
 * others better than published models do (docs/developers/replay.md); nothing is fitted and nothing
 * of the future is used.
 */
export function windowScores(messages: readonly RecordedMessage[]): WindowScore[] {
  const lastDevice = new Map<string, string>();
  const scores = new Map<string, WindowScore>();
  for (const { home, device, values, atMs } of messages) {
    if (values['motion'] !== true) continue;
    const startMs = Math.floor(atMs / WINDOW_MS) * WINDOW_MS;
    const key = `${home} ${startMs}`;
    let window = scores.get(key);
    if (!window) {
      window = { home, from: new Date(startMs).toISOString(), to: new Date(startMs + WINDOW_MS).toISOString(), score: 0 };
      scores.set(key, window);
    }
    const before = lastDevice.get(home);
    if (before !== undefined && before !== device) window.score += 1;
    lastDevice.set(home, device);
  }
  return [...scores.values()];
}
