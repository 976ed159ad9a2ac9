import { seconds } from '#libs/runtime';
import type { Pace } from '#simulators';

/** Accelerated so that data time, from `playFromMs`, meets the wall clock after `playSeconds`; then at its own time. */
export function meetingThePresent(playFromMs: number, startMs: number, playSeconds: number): Pace {
  const meetMs = startMs + seconds(playSeconds);
  const speed = speedToMeet(playFromMs, startMs, playSeconds);
  return (atMs, nowMs) => (atMs < meetMs ? startMs + (atMs - playFromMs) / speed : atMs) - nowMs;
}

/** How many times as fast as the wall clock that is. */
export function speedToMeet(playFromMs: number, startMs: number, playSeconds: number): number {
  return (startMs + seconds(playSeconds) - playFromMs) / seconds(playSeconds);
}
