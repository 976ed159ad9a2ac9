import { hours, minutes, seconds } from '#libs/runtime';

const FIRST_MS = seconds(5);
const LONGEST_MS = minutes(5);
/** After that nobody is helped by the news; the alert's history says that it failed. */
export const GIVE_UP_AFTER_MS = hours(24);

/** How long to wait after the n-th attempt failed: 5 s, doubled each time, at most 5 min. */
export function retryDelayMs(attempts: number): number {
  return Math.min(FIRST_MS * 2 ** Math.min(Math.max(attempts - 1, 0), 20), LONGEST_MS);
}
