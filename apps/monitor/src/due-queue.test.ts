import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DueQueue } from './due-queue.js';

test('homes come out in the order of their newest due times, each once', () => {
  const change = fc.record({ home: fc.constantFrom('a', 'b', 'c', 'd', 'e'), dueMs: fc.option(fc.nat(50), { nil: undefined }) });
  fc.assert(fc.property(fc.array(change, { maxLength: 60 }), fc.nat(60), (changes, nowMs) => {
    const queue = new DueQueue();
    const model = new Map<string, number>();
    for (const { home, dueMs } of changes) {
      queue.set(home, dueMs);
      if (dueMs === undefined) model.delete(home);
      else model.set(home, dueMs);
    }
    const taken: string[] = [];
    for (let home = queue.takeDue(nowMs); home !== undefined; home = queue.takeDue(nowMs)) taken.push(home);
    const due = [...model].filter(([, dueMs]) => dueMs <= nowMs);
    expect(taken.toSorted()).toEqual(due.map(([home]) => home).toSorted());
    const times = taken.map((home) => model.get(home)!);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }));
});
