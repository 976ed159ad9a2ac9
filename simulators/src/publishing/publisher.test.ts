import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CodedError, ManualClock, minutes } from '#libs/runtime';
import type { TimedMessage } from '../timed-message.js';
import { accelerated, atFullSpeed } from './pace.js';
import { Publisher, SPREAD_MAX_MS, type Transport } from './publisher.js';

const message = (home: string, atMs: number): TimedMessage => ({ atMs, home, topic: `homes/${home}/devices/d/readings`, payload: '{}' });
const login = (home: string) => ({ home, username: home, password: 'x' });
const HOMES = ['h1', 'h2', 'h3'];

/** A broker that acknowledges each home's messages in order, and the homes in any order it likes. */
class WhimsicalBroker {
  readonly waiting = new Map<string, { atMs: number; acknowledged: () => void }[]>();
  readonly spreads: number[] = [];
  readonly order: TimedMessage[] = [];
  inFlightMax = 0;

  transport = (of: { home: string }): Transport => {
    const queue: { atMs: number; acknowledged: () => void }[] = [];
    this.waiting.set(of.home, queue);
    return {
      send: (sent, acknowledged) => {
        queue.push({ atMs: sent.atMs, acknowledged });
        this.order.push(sent);
        const others = [...this.waiting].filter(([home]) => home !== sent.home).flatMap(([, pending]) => pending.map(({ atMs }) => atMs));
        this.spreads.push(sent.atMs - Math.min(sent.atMs, ...others));
        this.inFlightMax = Math.max(this.inFlightMax, [...this.waiting.values()].reduce((sum, { length }) => sum + length, 0));
      },
      close: () => Promise.resolve(),
    };
  };

  acknowledge(home: string): void {
    this.waiting.get(home)?.shift()?.acknowledged();
  }
}

test('no home is ever more than 5 minutes of data time ahead of what another has unacknowledged', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...HOMES), fc.integer({ min: 0, max: minutes(4) })), { minLength: 1, maxLength: 120 }),
      fc.infiniteStream(fc.constantFrom(...HOMES)),
      async (gaps, whims) => {
        let atMs = 0;
        const messages = gaps.map(([home, gapMs]) => message(home, (atMs += gapMs)));
        const broker = new WhimsicalBroker();
        const publisher = new Publisher('', HOMES.map(login), { clock: new ManualClock(0), transport: broker.transport, inFlightMax: 10 });
        const done = publisher.publish(messages, { pace: atFullSpeed });
        let finished = false;
        void done.then(() => (finished = true));
        for (const home of whims) {
          await new Promise(setImmediate);
          if (finished) break;
          broker.acknowledge(home);
        }
        expect(await done).toMatchObject({ sent: messages.length, acknowledged: messages.length });
        expect(Math.max(...broker.spreads)).toBeLessThanOrEqual(SPREAD_MAX_MS);
        expect(broker.inFlightMax).toBeLessThanOrEqual(10);
        expect(broker.order).toEqual(messages);
      },
    ),
    { numRuns: 40, verbose: true },
  );
});

test('a pace of twenty means that an hour takes three minutes', () => {
  const pace = accelerated(20, 1_000, 50_000);
  expect(pace(1_000 + minutes(60), 50_000)).toBe(minutes(3));
  expect(pace(1_000 + minutes(60), 50_000 + minutes(2))).toBe(minutes(1));
});

test('stopping ends a wait at once and says what was not acknowledged', async () => {
  const stop = new AbortController();
  const transport: Transport = { send: (sent, acknowledged) => { if (sent.atMs === 0) acknowledged(); }, close: () => Promise.resolve() };
  const publisher = new Publisher('', [login('h1')], { clock: new ManualClock(0), transport: () => transport });
  const done = publisher.publish([message('h1', 0), message('h1', minutes(600))], { pace: accelerated(1, 0, 0), signal: stop.signal });
  await new Promise(setImmediate);
  stop.abort();
  expect(await done).toMatchObject({ sent: 1, acknowledged: 1 });
});

test('a login that is refused for good ends the run', async () => {
  const refused = new CodedError('HW-SIM-LOGIN', 'refused', 'check');
  const publisher = new Publisher('', [login('h1')], {
    clock: new ManualClock(0),
    transport: (_login, onFailed) => ({ send: () => onFailed(refused), close: () => Promise.resolve() }),
  });
  await expect(publisher.publish([message('h1', 0)], { pace: atFullSpeed })).rejects.toBe(refused);
});
