import { beforeEach, expect, test } from '@jest/globals';
import { getAlert, listAlerts, SEVERITIES } from '#libs/alerts';
import type { Database } from '#libs/database';
import { days, minutes, seconds } from '#libs/runtime';
import { onEveryDatabase, type FreshDatabase } from '../../../test/harness/databases.js';
import { homeWithContacts, raiseAndPlan } from '../../../test/harness/raise-alert.js';
import { claimDue, countWaiting, listTellings, planTelling, resolveAndTell, settle, type Policy } from './index.js';
import { POLICIES } from './policy.js';

const LEASE_MS = seconds(40);
const daughter = { role: 'family' as const, email: 'first@example.org' };
const neighbour = { role: 'responder' as const, email: 'second@example.org' };

onEveryDatabase((engine) => {
  let fresh: FreshDatabase;
  let db: Database;

  beforeEach(async () => {
    fresh = await engine.fresh();
    db = await fresh.open();
  });

  const alertId = async (): Promise<string> => (await listAlerts(db, { limit: 1 })).items[0]!.id;
  const story = async (): Promise<string[]> => (await getAlert(db, await alertId())).history.map(({ what }) => what);
  const resolved = (nowMs: number): Promise<unknown> => alertId().then((id) => resolveAndTell(db, id, { who: 'nurse', outcome: 'true-alarm' }, nowMs));

  test('policies are plain data, and whatever concerns the person is told at once', () => {
    expect(JSON.parse(JSON.stringify(POLICIES))).toEqual(POLICIES);
    for (const severity of SEVERITIES.filter((one) => one !== 'technical')) {
      const { steps, occasions }: Policy = POLICIES[severity];
      expect(steps[0]).toMatchObject({ delayMs: 0, targets: [{ contact: 'first', channel: 'email' }] });
      expect(occasions).toEqual(expect.arrayContaining(['opened', 'raised', 'paged-again', 'returned', 'resolved']));
    }
  });

  test('the first contact with an email address is told, by the order of the contacts', async () => {
    const [, , third] = await homeWithContacts(db, 'h1', [{ ...neighbour, position: 9 }, { role: 'family', phone: '+44 20 7946 0000', position: 1 }, { ...daughter, position: 2 }]);
    await raiseAndPlan(db, [{ key: 'e1' }], 5);
    expect(await listTellings(db, await alertId())).toMatchObject([{ contactId: third, occasion: 'opened', channel: 'email', state: 'queued', attempts: 0, dueMs: 5 }]);
  });

  test('planning the same again adds nothing; an aborted transaction leaves neither alert nor telling', async () => {
    await homeWithContacts(db, 'h1', [daughter]);
    const changes = await raiseAndPlan(db, [{ key: 'e1' }], 5);
    expect(await db.transaction().execute((trx) => planTelling(trx, changes, 9))).toBe(0);
    expect(await raiseAndPlan(db, [{ key: 'e1' }], 6)).toMatchObject([{ occasion: 'none' }]);
    expect(await listTellings(db, await alertId())).toHaveLength(1);
    const crash = db.transaction().execute(async (trx) => {
      await planTelling(trx, [{ ...changes[0]!, trigger: 'another' }], 7);
      throw new Error('crash');
    });
    await expect(crash).rejects.toThrow('crash');
    expect(await listTellings(db, await alertId())).toHaveLength(1);
  });

  test('each occasion is told once: opened, raised, pressed again, back after more than 15 minutes; a further finding or its end is not', async () => {
    await homeWithContacts(db, 'h1', [daughter]);
    await raiseAndPlan(db, [{ key: 'e1', severity: 'routine' }], 4);
    await raiseAndPlan(db, [{ key: 'e1/2', episode: 'e1', severity: 'emergency' }], 5);
    await raiseAndPlan(db, [{ key: 'e1/3', episode: 'e1', severity: 'emergency' }, { key: 'e1/4', episode: 'e1', change: 'again', severity: 'emergency' }, { key: 'e1/5', episode: 'e1', change: 'again', severity: 'emergency' }], 6);
    await raiseAndPlan(db, [{ key: 'e1/end', episode: 'e1', change: 'clear' }, { key: 'e2', atMs: minutes(60), severity: 'emergency' }], 7);
    expect((await listTellings(db, await alertId())).map(({ occasion }) => occasion)).toEqual(['opened', 'raised', 'paged-again', 'paged-again', 'returned']);
  });

  test.each([
    ['a home without contacts', async () => { await homeWithContacts(db, 'h1', []); }],
    ['a home whose contacts have only telephones', async () => { await homeWithContacts(db, 'h1', [{ role: 'family', phone: '+44 20 7946 0000' }]); }],
    ['a home that nobody registered', async () => { /* Its alarms count all the same. */ }],
  ])('%s: the history says at every occasion that nobody is told, and why', async (_, prepare) => {
    await prepare();
    await raiseAndPlan(db, [{ key: 'e1', severity: 'urgent' }], 5);
    await raiseAndPlan(db, [{ key: 'e1/2', episode: 'e1', severity: 'emergency' }], 5);
    expect(await story()).toEqual(['opened', 'not-told', 'raised', 'not-told']);
    const { history, change } = await getAlert(db, await alertId());
    expect(history[1]!.note).toMatch(/no contact of this home has an email address/);
    expect((await listAlerts(db, { limit: 9, changedSince: change - 1 })).items).toHaveLength(1);
    expect(await countWaiting(db)).toEqual({ waiting: 0, oldestCreatedMs: null });
  });

  test('what concerns the equipment alone is left to the console', async () => {
    await homeWithContacts(db, 'h1', [daughter]);
    await raiseAndPlan(db, [{ key: 'e1', severity: 'technical' }], 5);
    await raiseAndPlan(db, [{ key: 'f', home: '*', subjectKind: 'fleet', subject: '*', severity: 'technical' }], 5);
    expect(await countWaiting(db)).toMatchObject({ waiting: 0 });
    expect(await story()).toEqual(['opened']);
  });

  test('the fleet has no contacts, whatever its severity', async () => {
    await raiseAndPlan(db, [{ key: 'f', home: '*', subjectKind: 'fleet', subject: '*', severity: 'urgent' }], 5);
    expect(await story()).toEqual(['opened', 'not-told']);
  });

  test('when it is over, whoever was told hears so; who was not told yet does not', async () => {
    const [contact] = await homeWithContacts(db, 'h1', [daughter]);
    await raiseAndPlan(db, [{ key: 'e1' }], 5);
    const [telling] = await claimDue(db, 5, LEASE_MS, 9);
    await settle(db, telling!, { result: 'sent', note: 'by email' }, 6);
    await resolved(7);
    expect(await listTellings(db, await alertId())).toMatchObject([{ state: 'sent', sentMs: 6 }, { occasion: 'resolved', contactId: contact, state: 'queued', dueMs: 7 }]);
    expect(await story()).toEqual(['opened', 'told', 'resolved']);
  });

  test('when it is over before anybody was told, no second telling is made', async () => {
    await homeWithContacts(db, 'h1', [daughter]);
    await raiseAndPlan(db, [{ key: 'e1' }], 5);
    await resolved(7);
    expect(await listTellings(db, await alertId())).toHaveLength(1);
  });

  test('emergencies are claimed before what was due earlier', async () => {
    await homeWithContacts(db, 'h1', [daughter]);
    for (const [n, severity] of SEVERITIES.toReversed().entries()) await raiseAndPlan(db, [{ key: severity, cause: severity, severity }], n);
    const order: string[] = [];
    for (let claimed = await claimDue(db, 9, LEASE_MS, 1); claimed.length > 0; claimed = await claimDue(db, 9, LEASE_MS, 1)) order.push((await getAlert(db, claimed[0]!.alertId!)).severity);
    expect(order).toEqual(['emergency', 'urgent', 'routine']);
  });

  test('workers that claim at once never get the same telling, and together get all', async () => {
    await homeWithContacts(db, 'h1', [daughter]);
    await raiseAndPlan(db, Array.from({ length: 40 }, (_, n) => ({ key: `e${n}`, cause: `${n}` })), 5);
    const workers = [db, await fresh.open(), await fresh.open(), await fresh.open()];
    const claimed: string[] = [];
    for (let round = 0; round < 40 && claimed.length < 40; round++) {
      const ids = (await Promise.all(workers.map((worker) => claimDue(worker, 9, LEASE_MS, 5)))).flat().map(({ id }) => id);
      claimed.push(...ids);
    }
    expect(claimed).toHaveLength(40);
    expect(new Set(claimed).size).toBe(40);
  });

  test('a claim that nobody settles is due again when it runs out, not before', async () => {
    await homeWithContacts(db, 'h1', [daughter]);
    await raiseAndPlan(db, [{ key: 'e1' }], 0);
    expect(await claimDue(db, 0, LEASE_MS, 9)).toMatchObject([{ attempts: 1, claimedUntilMs: LEASE_MS }]);
    expect(await claimDue(db, LEASE_MS - 1, LEASE_MS, 9)).toEqual([]);
    expect(await claimDue(db, LEASE_MS, LEASE_MS, 9)).toMatchObject([{ attempts: 2 }]);
  });

  test('a clock that is set back by a day delays nothing', async () => {
    await homeWithContacts(db, 'h1', [daughter]);
    await raiseAndPlan(db, [{ key: 'e1' }], days(2));
    const [claimed] = await claimDue(db, days(1), LEASE_MS, 9);
    expect(claimed).toBeDefined();
    expect(await claimDue(db, 0, LEASE_MS, 9)).toMatchObject([{ id: claimed!.id }]);
  });

  test('a worker that lost its claim changes nothing, unless it did send', async () => {
    await homeWithContacts(db, 'h1', [daughter]);
    await raiseAndPlan(db, [{ key: 'e1' }], 0);
    const [slow] = await claimDue(db, 0, LEASE_MS, 9);
    const [second] = await claimDue(db, LEASE_MS, LEASE_MS, 9);
    expect(await settle(db, slow!, { result: 'retry', error: 'late', dueMs: days(1) }, LEASE_MS)).toBe(false);
    expect(await settle(db, slow!, { result: 'sent', note: 'late' }, LEASE_MS)).toBe(true);
    expect(await settle(db, second!, { result: 'failed', error: 'no', what: 'tell-failed' }, LEASE_MS)).toBe(false);
    expect(await settle(db, second!, { result: 'sent', note: 'again' }, LEASE_MS)).toBe(false);
    expect(await listTellings(db, await alertId())).toMatchObject([{ state: 'sent', attempts: 2, lastError: null }]);
    expect(await story()).toEqual(['opened', 'told']);
  });

  test('a try that failed is due again at its time and shows why; one that failed for good is in the history', async () => {
    await homeWithContacts(db, 'h1', [daughter]);
    await raiseAndPlan(db, [{ key: 'e1' }], 0);
    const [first] = await claimDue(db, 0, LEASE_MS, 9);
    await settle(db, first!, { result: 'retry', error: 'x'.repeat(900), dueMs: 100 }, 1);
    expect(await listTellings(db, await alertId())).toMatchObject([{ state: 'queued', dueMs: 100, lastError: 'x'.repeat(500) }]);
    expect(await claimDue(db, 99, LEASE_MS, 9)).toEqual([]);
    const [second] = await claimDue(db, 100, LEASE_MS, 9);
    await settle(db, second!, { result: 'failed', error: 'The address was refused', what: 'tell-failed' }, 101);
    expect(await listTellings(db, await alertId())).toMatchObject([{ state: 'failed', lastError: 'The address was refused' }]);
    const { history } = await getAlert(db, await alertId());
    expect(history.at(-1)).toMatchObject({ what: 'tell-failed', who: first!.contactId, note: 'The address was refused' });
    expect(await claimDue(db, days(9), LEASE_MS, 9)).toEqual([]);
  });
});
