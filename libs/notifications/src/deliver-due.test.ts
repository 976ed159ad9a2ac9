import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { getAlert, listAlerts } from '#libs/alerts';
import type { Database } from '#libs/database';
import { claimDue, listTellings, resolveAndTell, type TellingState } from '#libs/escalation';
import { removeContact } from '#libs/registry';
import { hours, ManualClock, metrics, minutes, seconds } from '#libs/runtime';
import { onEveryDatabase, type FreshDatabase } from '../../../test/harness/databases.js';
import { homeWithContacts, raiseAndPlan } from '../../../test/harness/raise-alert.js';
import { startSmtpServer, type SmtpBehaviour, type SmtpTestServer } from '../../../test/harness/smtp.js';
import { deliverDue, type DeliveryOptions } from './index.js';

const NOW_MS = Date.UTC(2026, 10, 22, 2, 14);

onEveryDatabase((engine) => {
  let fresh: FreshDatabase;
  let db: Database;
  let smtp: SmtpTestServer;
  let contact: string;

  beforeEach(async () => {
    fresh = await engine.fresh();
    db = await fresh.open();
    smtp = await startSmtpServer();
    [contact] = await homeWithContacts(db, 'h1', [{ role: 'family', email: 'daughter@example.org' }]) as [string];
  });

  afterEach(() => smtp.stop());

  const options = (more: Partial<DeliveryOptions> = {}): DeliveryOptions => ({ smtpUrl: smtp.url, from: 'care@example.net', publicUrl: 'https://care.example.net', ...more });
  const deliver = (nowMs = NOW_MS, more: Partial<DeliveryOptions> = {}): ReturnType<typeof deliverDue> => deliverDue(db, options(more), nowMs);
  const sos = (nowMs = NOW_MS): Promise<unknown> => raiseAndPlan(db, [{ key: 'sos', severity: 'emergency', atMs: nowMs }], nowMs);
  const alertId = async (): Promise<string> => (await listAlerts(db, { limit: 1 })).items[0]!.id;
  const tellings = async (): Promise<TellingState[]> => listTellings(db, await alertId());
  const story = async (): Promise<string[]> => (await getAlert(db, await alertId())).history.map(({ what }) => what);

  test('an emergency reaches the first contact by email, once, and the history says so', async () => {
    await sos();
    expect(await deliver(NOW_MS, { clock: new ManualClock(NOW_MS + 250) })).toEqual({ claimed: 1, sent: 1, retried: 0, failed: 0 });
    expect(await deliver(NOW_MS + hours(9))).toEqual({ claimed: 0, sent: 0, retried: 0, failed: 0 });
    expect(smtp.mails).toMatchObject([{ to: ['daughter@example.org'], from: 'care@example.net' }]);
    expect(await tellings()).toMatchObject([{ state: 'sent', sentMs: NOW_MS + 250, attempts: 1, lastError: null }]);
    const { history } = await getAlert(db, await alertId());
    expect(history.at(-1)).toMatchObject({ what: 'told', who: contact, note: 'family contact, by email: it was raised', atMs: NOW_MS + 250 });
  });

  test.each<[SmtpBehaviour, RegExp]>([
    ['mailbox-busy', /RCPT TO: 450 4\.2\.1/],
    ['relay-denied', /550 5\.7\.1 relaying denied/],
    ['message-refused', /554 5\.6\.0/],
    ['try-later', /451 4\.3\.0/],
    ['hang', /\(ETIMEDOUT\)|\(EABORT\)/],
    ['hang-after-mail', /\(ETIMEDOUT\)|\(EABORT\)/],
    ['drop-before-mail', /\(ECONNECTION\)|\(ESOCKET\)/],
    ['drop-after-mail', /\(ECONNECTION\)|\(ESOCKET\)/],
  ])('a server that does "%s" costs a try: the mail waits, later and later, and goes out when the server is well', async (behaviour, error) => {
    await sos();
    smtp.behave(behaviour);
    expect(await deliver(NOW_MS, { sendMaxMs: 400 })).toMatchObject({ retried: 1, sent: 0, failed: 0 });
    const [waiting] = await tellings();
    expect(waiting).toMatchObject({ state: 'queued', attempts: 1, dueMs: NOW_MS + seconds(5), lastError: expect.stringMatching(error) });
    expect(await deliver(NOW_MS + seconds(4))).toMatchObject({ claimed: 0 });
    smtp.behave('accept');
    expect(await deliver(NOW_MS + seconds(5))).toMatchObject({ sent: 1 });
    expect(await story()).toEqual(['opened', 'told']);
    const ids = smtp.mails.map(({ headers }) => headers['message-id']);
    expect(ids).toHaveLength(behaviour.endsWith('after-mail') ? 2 : 1); // Taken, but never confirmed: a duplicate, recognisable.
    expect(new Set(ids).size).toBe(1);
  });

  test('an address that is refused for good fails at once, and the history says so without the address', async () => {
    await sos();
    smtp.behave('unknown-address');
    expect(await deliver()).toMatchObject({ failed: 1, retried: 0 });
    const { history } = await getAlert(db, await alertId());
    expect(history.at(-1)).toMatchObject({ what: 'tell-failed', who: contact });
    expect(history.at(-1)!.note).toMatch(/^The address was refused \(EENVELOPE\): RCPT TO: 550 5\.1\.1/);
    expect(JSON.stringify([history, await tellings()])).not.toContain('@');
    smtp.behave('accept');
    expect(await deliver(NOW_MS + hours(1))).toMatchObject({ claimed: 0 });
  });

  test('a server that is away is tried again and again; after a day it is given up, and the history says so', async () => {
    const { url } = smtp;
    await smtp.stop();
    await sos();
    const waitsMs: number[] = [];
    let nowMs = NOW_MS;
    for (let [telling] = await tellings(); telling!.state === 'queued'; [telling] = await tellings()) {
      waitsMs.push(telling!.dueMs - nowMs);
      nowMs = telling!.dueMs;
      await deliver(nowMs, { smtpUrl: url });
    }
    expect(waitsMs.slice(0, 9)).toEqual([0, 5, 10, 20, 40, 80, 160, 300, 300].map(seconds));
    expect(nowMs - NOW_MS).toBeGreaterThanOrEqual(hours(24));
    expect(nowMs - NOW_MS).toBeLessThan(hours(24) + minutes(5));
    const { history } = await getAlert(db, await alertId());
    expect(history.map(({ what }) => what)).toEqual(['opened', 'tell-failed']);
    expect(history.at(-1)!.note).toMatch(/^Given up after 24 h and \d+ attempts\. .*ECONNREFUSED|ESOCKET/);
    smtp = await startSmtpServer();
  }, 120_000);

  test('without a mail server the history says that nobody is told and what to set', async () => {
    await sos();
    expect(await deliver(NOW_MS, { smtpUrl: null })).toMatchObject({ failed: 1 });
    const { history } = await getAlert(db, await alertId());
    expect(history.at(-1)).toMatchObject({ what: 'not-told', note: 'Email is not set up: set HEARTHWATCH_SMTP_URL' });
    expect(await tellings()).toMatchObject([{ state: 'failed' }]);
  });

  test('a server that hangs holds one mail no longer than the limit, and the others not at all', async () => {
    const silent: Server = createServer(() => { /* Takes the connection and says nothing. */ });
    await new Promise<void>((resolve) => { silent.listen(0, '127.0.0.1', resolve); });
    const port = (silent.address() as { port: number }).port;
    await raiseAndPlan(db, Array.from({ length: 8 }, (_, n) => ({ key: `e${n}`, cause: `${n}` })), NOW_MS);
    const started = performance.now();
    const stuck = deliver(NOW_MS, { smtpUrl: `smtp://127.0.0.1:${port}`, sendMaxMs: 1_500, limit: 4 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await deliver(NOW_MS)).toMatchObject({ sent: 4 }); // What is not claimed goes its way meanwhile.
    expect(performance.now() - started).toBeLessThan(1_400);
    expect(await stuck).toMatchObject({ claimed: 4, retried: 4 });
    expect(performance.now() - started).toBeLessThan(5_000);
    silent.close();
  });

  test('a crash between sending and settling sends again, under the same Message-ID', async () => {
    await sos();
    const dies = new Proxy(db, {
      get: (target, property) => {
        if (property === 'transaction') throw new Error('killed');
        const value = Reflect.get(target, property, target) as unknown;
        return typeof value === 'function' ? value.bind(target) as unknown : value;
      },
    });
    await expect(deliverDue(dies, options(), NOW_MS)).rejects.toThrow('killed');
    expect(smtp.mails).toHaveLength(1);
    expect(await tellings()).toMatchObject([{ state: 'claimed' }]);
    expect(await deliver(NOW_MS + seconds(39))).toMatchObject({ claimed: 0 });
    expect(await deliver(NOW_MS + seconds(40))).toMatchObject({ sent: 1 });
    expect(smtp.mails).toHaveLength(2);
    expect(smtp.mails[1]!.headers['message-id']).toBe(smtp.mails[0]!.headers['message-id']);
    expect(await story()).toEqual(['opened', 'told']);
  });

  test('several workers send a hundred mails, each once', async () => {
    await raiseAndPlan(db, Array.from({ length: 100 }, (_, n) => ({ key: `e${n}`, cause: `${n}` })), NOW_MS);
    const workers = [db, await fresh.open(), await fresh.open()];
    for (let round = 0; round < 30 && smtp.mails.length < 100; round++) await Promise.all(workers.map((worker) => deliverDue(worker, options(), NOW_MS)));
    expect(new Set(smtp.mails.map(({ headers }) => headers['message-id'])).size).toBe(100);
    expect(smtp.mails).toHaveLength(100);
  });

  test('what still waits when the alert is resolved says that it has been dealt with', async () => {
    await sos();
    smtp.behave('try-later');
    await deliver();
    await resolveAndTell(db, await alertId(), { who: 'nurse', outcome: 'false-alarm' }, NOW_MS + 1);
    smtp.behave('accept');
    await deliver(NOW_MS + minutes(1));
    expect(smtp.mails).toHaveLength(1);
    expect(smtp.mails[0]!.headers['subject']).toBe('Hearthwatch: dealt with (emergency)');
    expect(smtp.mails[0]!.text).toContain('You need do nothing more');
    expect(smtp.mails[0]!.text).not.toContain('999');
  });

  test('whoever was told hears when it is over, in the same thread', async () => {
    await sos();
    await deliver();
    await resolveAndTell(db, await alertId(), { who: 'nurse', outcome: 'true-alarm' }, NOW_MS + 1);
    await deliver(NOW_MS + 2);
    const [first, last] = smtp.mails.map(({ headers }) => headers);
    expect(last!['subject']).toBe('Hearthwatch: dealt with (emergency)');
    expect(last!['references']).toBe(`<alert.${await alertId()}@care.example.net>`);
    expect(first!['references']).toBe(last!['references']);
    expect(first!['message-id']).not.toBe(last!['message-id']);
    expect(await story()).toEqual(['opened', 'told', 'resolved', 'told']);
  });

  test('a contact that was removed meanwhile is a failure that shows', async () => {
    await sos();
    await removeContact(db, 'h1', contact);
    expect(await deliver()).toMatchObject({ failed: 1 });
    expect(await story()).toEqual(['opened', 'tell-failed']);
  });

  test('the metrics say how many wait and for how long', async () => {
    await raiseAndPlan(db, [{ key: 'a', cause: 'a' }, { key: 'b', cause: 'b' }], NOW_MS);
    smtp.behave('try-later');
    await deliver(NOW_MS + seconds(90));
    const text = await metrics.metrics();
    expect(text).toMatch(/^hearthwatch_notifications_waiting 2$/m);
    expect(text).toMatch(/^hearthwatch_notifications_oldest_waiting_seconds 90$/m);
    expect(text).toMatch(/^hearthwatch_notifications_total\{channel="email",result="retried"\} \d+$/m);
    await claimDue(db, NOW_MS, 1, 1);
  });
});
