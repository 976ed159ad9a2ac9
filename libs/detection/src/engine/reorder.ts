import type { Waiting } from './home-state.js';

/** The sorted lane waits this long for readings that were overtaken. */
export const SORT_WAIT_MS = 30_000;
/** More than this do not wait: the oldest go on early. */
export const WAITING_MAX = 2_000;

/** Puts an item in its place; a repeat of one that waits is dropped. */
export function enqueue(waiting: Waiting[], item: Waiting): void {
  let index = waiting.length;
  while (index > 0) {
    const before = waiting[index - 1];
    if (before === undefined || before.atMs < item.atMs) break;
    if (before.atMs === item.atMs) {
      if (before.order === item.order) return;
      if (before.order < item.order) break;
    }
    index--;
  }
  if (index === waiting.length) waiting.push(item);
  else waiting.splice(index, 0, item);
}
