import { beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Database } from '#libs/database';
import { onEveryDatabase } from '../../../test/harness/databases.js';
import { countQuarantine, keepInQuarantine, LIMITS, listQuarantine, pendingReplays, pruneQuarantine, replaysOf, requestReplay, settleReplays, type QuarantineFilter, type QuarantineRow } from './index.js';

const NOW = Date.UTC(2026, 10, 22, 9);

const message = (position: number, more: Partial<QuarantineRow> = {}): QuarantineRow => ({
  key: `message/${position}`, kind: 'message', home: 'h1', device: 'd1', topic: 'homes/h1/devices/d1/readings', atMs: NOW + position,
  code: 'HW-DECODE-JSON', reason: 'not JSON', payload: Buffer.from('{"ts":'), ...more,
});

onEveryDatabase((engine) => {
  let db: Database;
  beforeEach(async () => { db = await (await engine.fresh()).open(); });

  test('the bytes come back as they came, whatever they are', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 60 }), async (payload, text) => {
      await db.deleteFrom('quarantine').execute();
      await keepInQuarantine(db, [message(1, { payload, reason: text, topic: text })]);
      const { items: [kept] } = await listQuarantine(db);
      expect(Buffer.from(kept!.payload)).toEqual(Buffer.from(payload));
      // eslint-disable-next-line no-control-regex
      expect(kept!.reason).not.toMatch(/[\u0000-\u001f]/);
    }), { numRuns: 50 });
  });

  test('a repeat after a crash changes nothing', async () => {
    await keepInQuarantine(db, [message(1), message(2)]);
    expect(await requestReplay(db, { keys: ['message/1'] }, 'test', NOW + 98)).toBe(1);
    for (const consumer of ['series', 'detection'] as const) await settleReplays(db, consumer, [{ key: 'message/1', readable: true, outcome: 'Read after all: 1 reading' }], NOW + 99);
    await keepInQuarantine(db, [message(1, { reason: 'other' }), message(2), message(3)]);
    const { items } = await listQuarantine(db);
    expect(items.map(({ key, reason, replayedMs }) => [key, reason, replayedMs])).toEqual([
      ['message/3', 'not JSON', null], ['message/2', 'not JSON', null], ['message/1', 'not JSON', NOW + 99],
    ]);
  });

  test('pages show each once, the newest first, of one home or all', async () => {
    const rows = Array.from({ length: 25 }, (_, i) => message(i, { atMs: NOW + Math.floor(i / 4), home: i % 5 === 0 ? 'h2' : 'h1' }));
    await keepInQuarantine(db, [...rows, message(100, { home: null, device: null })]);
    for (const home of [undefined, 'h1', 'h2']) {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await listQuarantine(db, { limit: 4, ...(home === undefined ? {} : { home }), ...(after === undefined ? {} : { after }) });
        seen.push(...page.items.map(({ key }) => key));
        after = page.next;
      } while (after !== undefined);
      const expected = home === undefined ? 26 : rows.filter((row) => row.home === home).length;
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toHaveLength(expected);
    }
    expect((await listQuarantine(db, { after: 'nonsense' })).items).toHaveLength(26);
  });

  test('codes are counted, of one home or all', async () => {
    await keepInQuarantine(db, [message(1), message(2, { code: 'HW-DECODE-RANGE' }), message(3), message(4, { home: 'h2' })]);
    expect(await countQuarantine(db)).toEqual([{ code: 'HW-DECODE-JSON', count: 3, newestMs: NOW + 4 }, { code: 'HW-DECODE-RANGE', count: 1, newestMs: NOW + 2 }]);
    expect(await countQuarantine(db, { home: 'h2' })).toEqual([{ code: 'HW-DECODE-JSON', count: 1, newestMs: NOW + 4 }]);
  });

  test('a home that sends rubbish by the second keeps its newest, and pushes out neither a rare code nor another home', async () => {
    await keepInQuarantine(db, [message(0, { code: 'HW-DECODE-RANGE' }), message(100_000, { home: 'h2', atMs: NOW })]);
    for (let from = 1; from < 2_500; from += 500) await keepInQuarantine(db, Array.from({ length: 500 }, (_, i) => message(from + i)));
    const { items } = await listQuarantine(db, { home: 'h1', limit: 1_000 });
    expect(items.length).toBeLessThanOrEqual(LIMITS.rowsPerHome);
    expect(items[0]?.key).toBe('message/2500');
    expect(items.at(-1)).toMatchObject({ key: 'message/0', code: 'HW-DECODE-RANGE' });
    expect((await listQuarantine(db, { home: 'h2' })).items).toHaveLength(1);
  });

  test('nor does it fill the disk with few large ones', async () => {
    const payload = Buffer.alloc(1024 * 1024, 'x');
    for (let i = 0; i < 40; i += 1) await keepInQuarantine(db, [message(i, { payload })]);
    const { items } = await listQuarantine(db, { home: 'h1' });
    expect(items[0]?.key).toBe('message/39');
    expect(items.length * payload.length).toBeLessThan(LIMITS.bytesPerHome);
    expect(items.length).toBeGreaterThan(1);
  });

  test('what is too old goes', async () => {
    await keepInQuarantine(db, [message(1), message(2), message(3)]);
    expect(await pruneQuarantine(db, NOW + 3)).toBe(2);
    expect((await listQuarantine(db)).items.map(({ key }) => key)).toEqual(['message/3']);
  });

  test('a search finds by code, device and words, and takes marks of the search for words', async () => {
    await keepInQuarantine(db, [message(1, { reason: 'no decoder yet for 100% Tasmota' }), message(2, { device: 'd2', code: 'HW-DECODE-RANGE', reason: 'values.temperature: 451' }), message(3, { topic: 'homes/h1/Tasmota/x' })]);
    const keys = async (filter: QuarantineFilter): Promise<string[]> => (await listQuarantine(db, filter)).items.map(({ key }) => key);
    expect(await keys({ text: 'tasmota' })).toEqual(['message/3', 'message/1']);
    expect(await keys({ text: '0% t' })).toEqual(['message/1']);
    expect(await keys({ text: '4_1' })).toEqual([]);
    expect(await keys({ text: "'; drop table quarantine; --" })).toEqual([]);
    expect(await keys({ device: 'd2' })).toEqual(['message/2']);
    expect(await keys({ code: 'HW-DECODE-RANGE', home: 'h1' })).toEqual(['message/2']);
  });

  test('a replay counts once both consumers have read it; what is still not readable stays', async () => {
    await keepInQuarantine(db, [message(1), message(2), message(3, { home: 'h2' }), message(4, { home: null, device: null }), message(5, { kind: 'point', key: 'point/5' })]);
    expect(await requestReplay(db, { home: 'h1' }, 'nurse', NOW + 50)).toBe(2);
    expect((await pendingReplays(db, 'detection', 10)).map(({ key }) => key)).toEqual(['message/1', 'message/2']);
    const outcomes = [{ key: 'message/1', readable: true, outcome: 'Read after all: 2 readings' }, { key: 'message/2', readable: false, outcome: 'Still not readable: not JSON' }];
    await settleReplays(db, 'detection', outcomes, NOW + 60);
    expect(await pendingReplays(db, 'detection', 10)).toEqual([]);
    expect((await replaysOf(db, ['message/1', 'message/3'])).get('message/1')).toEqual({ requestedMs: NOW + 50, requestedBy: 'nurse', done: false, outcome: 'Read after all: 2 readings' });
    expect((await listQuarantine(db, { home: 'h1' })).items.map(({ replayedMs }) => replayedMs)).toEqual([null, null, null]);
    await settleReplays(db, 'series', outcomes, NOW + 70);
    expect((await listQuarantine(db)).items.filter(({ replayedMs }) => replayedMs !== null).map(({ key, replayedMs }) => [key, replayedMs])).toEqual([['message/1', NOW + 70]]);
    expect(await requestReplay(db, {}, 'nurse', NOW + 80)).toBe(2); // Not the one that was read, the one of no home, nor the point.
    expect((await pendingReplays(db, 'series', 10)).map(({ key }) => key)).toEqual(['message/2', 'message/3']);
  });

  test('two consumers that finish at once still mark it', async () => {
    await keepInQuarantine(db, Array.from({ length: 20 }, (_, i) => message(i)));
    await requestReplay(db, {}, 'nurse', NOW);
    const outcomes = Array.from({ length: 20 }, (_, i) => ({ key: `message/${i}`, readable: true, outcome: 'Read after all' }));
    await Promise.all((['detection', 'series'] as const).map((consumer) => db.transaction().execute((trx) => settleReplays(trx, consumer, outcomes, NOW + 1))));
    expect((await listQuarantine(db)).items.filter(({ replayedMs }) => replayedMs === null)).toEqual([]);
  });
});
