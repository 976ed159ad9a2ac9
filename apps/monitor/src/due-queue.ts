interface Entry {
  home: string;
  dueMs: number;
  at: number;
}

/**
 * Homes ordered by when they next need attention in a quiet house: a binary heap that holds each
 * home once and moves it when its time changes, so its size is the number of homes.
 */
export class DueQueue {
  private readonly heap: Entry[] = [];
  private readonly byHome = new Map<string, Entry>();

  /** Sets or, with undefined, removes a home's due time. O(log n). */
  set(home: string, dueMs: number | undefined): void {
    const entry = this.byHome.get(home);
    if (entry === undefined) {
      if (dueMs !== undefined) this.add(home, dueMs);
    } else if (dueMs === undefined) {
      this.remove(entry);
    } else if (dueMs !== entry.dueMs) {
      entry.dueMs = dueMs;
      this.settle(entry);
    }
  }

  /** Takes out the home that is due first, if it is due at or before `nowMs`. */
  takeDue(nowMs: number): string | undefined {
    const first = this.heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    this.remove(first);
    return first.home;
  }

  private add(home: string, dueMs: number): void {
    const entry = { home, dueMs, at: this.heap.length };
    this.heap.push(entry);
    this.byHome.set(home, entry);
    this.settle(entry);
  }

  private remove(entry: Entry): void {
    this.byHome.delete(entry.home);
    const last = this.heap.pop()!;
    if (last === entry) return;
    this.put(last, entry.at);
    this.settle(last);
  }

  private put(entry: Entry, at: number): void {
    this.heap[at] = entry;
    entry.at = at;
  }

  private settle(entry: Entry): void {
    this.rise(entry);
    this.sink(entry);
  }

  private rise(entry: Entry): void {
    while (entry.at > 0) {
      const at = entry.at;
      const parent = this.heap[(at - 1) >> 1]!;
      if (parent.dueMs <= entry.dueMs) return;
      this.put(entry, parent.at);
      this.put(parent, at);
    }
  }

  private sink(entry: Entry): void {
    for (;;) {
      const at = entry.at;
      const left = this.heap[2 * at + 1];
      const right = this.heap[2 * at + 2];
      const least = left && right && right.dueMs < left.dueMs ? right : left;
      if (least === undefined || entry.dueMs <= least.dueMs) return;
      this.put(entry, least.at);
      this.put(least, at);
    }
  }
}
