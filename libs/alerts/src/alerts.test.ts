import { beforeAll, expect, test } from '@jest/globals';
import { lastChange, type Database } from '#libs/database';
import { minutes } from '#libs/runtime';
import { onEveryDatabase } from '../../../test/harness/databases.js';
import { findingOf, type FindingInput } from '../../../test/harness/finding-of.js';
import { acknowledge, ALERT_STATUSES, ALERT_TRANSITIONS, comment, getAlert, going, listAlerts, raiseFindings, resolve, type AlertAction } from './index.js';

onEveryDatabase((engine) => {
  let db: Database;
  let homes = 0;

  beforeAll(async () => {
    db = await (await engine.fresh()).open();
  });

  /** Each test has a home of its own. */
  function newHome(): { home: string; raise: (...inputs: FindingInput[]) => Promise<(string | undefined)[]>; ids: () => Promise<string[]> } {
    const home = `h${++homes}`;
    const raise = async (...inputs: FindingInput[]): Promise<(string | undefined)[]> => {
      const findings = inputs.map((input) => findingOf({ home, ...input }));
      const changes = await db.transaction().execute((trx) => raiseFindings(trx, findings, minutes(1_000)));
      return changes.map(({ occasion }) => occasion);
    };
    const ids = async (): Promise<string[]> => (await listAlerts(db, { home, limit: 100 })).items.map(({ id }) => id);
    return { home, raise, ids };
  }

  const nurse = { who: 'nurse' };
  const told = (id: string): Promise<string[]> => getAlert(db, id).then(({ history }) => history.map(({ what }) => what));

  test('a finding opens an alert, and the same finding again changes nothing', async () => {
    const { raise, ids, home } = newHome();
    expect(await raise({ key: 'e1' })).toEqual(['opened']);
    const before = await lastChange(db, 'alerts');
    expect(await raise({ key: 'e1' }, { key: 'e1' })).toEqual(['none', 'none']);
    expect(await lastChange(db, 'alerts')).toBe(before);
    const [id] = await ids();
    const alert = await getAlert(db, id!);
    expect(alert).toMatchObject({ home, status: 'open', severity: 'urgent', clearedMs: null, openedMs: minutes(1_000), findingsCount: 1 });
    expect(alert.findings[0]).toMatchObject({ key: `${home}/e1`, evidence: [{ device: 'd1', kind: 'motion', value: true }], parameters: { gapMaxMs: 60_000 } });
  });

  test('a repeat within one batch opens one alert', async () => {
    const { raise, ids } = newHome();
    expect(await raise({ key: 'e1' }, { key: 'e1' })).toEqual(['opened', 'none']);
    expect(await ids()).toHaveLength(1);
  });

  test('a later finding joins the open alert; another resident, rule, cause or home has one of its own', async () => {
    const { raise, ids } = newHome();
    const found = await raise({ key: 'e1' }, { key: 'e1/2', episode: 'e1' }, { key: 'a', subject: 'r2' }, { key: 'b', rule: 'other' }, { key: 'c', cause: 'other' }, { key: 'd', subjectKind: 'device' });
    expect(found).toEqual(['opened', 'attached', 'opened', 'opened', 'opened', 'opened']);
    expect(await ids()).toHaveLength(5);
  });

  test('a higher severity raises the alert, a lower one never lowers it', async () => {
    const { raise, ids } = newHome();
    expect(await raise({ key: 'e1', severity: 'routine', reason: 'out for 10 min' })).toEqual(['opened']);
    expect(await raise({ key: 'e1/2', episode: 'e1', severity: 'emergency', reason: 'out for 60 min' })).toEqual(['raised']);
    expect(await raise({ key: 'e1/3', episode: 'e1', severity: 'urgent', reason: 'lesser' })).toEqual(['attached']);
    const [id] = await ids();
    expect(await getAlert(db, id!)).toMatchObject({ severity: 'emergency', reason: 'out for 60 min' });
    expect(await told(id!)).toEqual(['opened', 'raised', 'attached']);
  });

  test('an alert that somebody acknowledged is open again when it gets worse, and whoever is on the way stays so', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'e1', severity: 'routine' });
    const [id] = await ids();
    await going(db, id!, nurse, 5);
    expect(await getAlert(db, id!)).toMatchObject({ status: 'acknowledged', acknowledgedBy: 'nurse', goingBy: 'nurse', goingMs: 5 });
    await raise({ key: 'e1/2', episode: 'e1', severity: 'urgent' });
    expect(await getAlert(db, id!)).toMatchObject({ status: 'open', acknowledgedBy: null, acknowledgedMs: null, goingBy: 'nurse' });
  });

  test('a second press pages again and stays in the hands of whoever acknowledged', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'sos', severity: 'emergency' });
    const [id] = await ids();
    await acknowledge(db, id!, nurse, 5);
    expect(await raise({ key: 'sos/2', episode: 'sos', change: 'again', severity: 'emergency', atMs: 1 })).toEqual(['paged-again']);
    expect(await getAlert(db, id!)).toMatchObject({ status: 'acknowledged', acknowledgedBy: 'nurse' });
  });

  test('when the condition ends the alert is marked, an emergency too, and stays until a person resolves it', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'smoke', severity: 'emergency' });
    expect(await raise({ key: 'smoke/end', episode: 'smoke', change: 'clear', atMs: minutes(3) })).toEqual(['cleared']);
    const [id] = await ids();
    expect(await getAlert(db, id!)).toMatchObject({ status: 'open', clearedMs: minutes(3), severity: 'emergency' });
  });

  test('of two smoke detectors, one that falls quiet does not mark the alert clear', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'kitchen', atMs: 1 }, { key: 'hall', atMs: 2 });
    expect(await raise({ key: 'kitchen/end', episode: 'kitchen', change: 'clear', atMs: 3 })).toEqual(['attached']);
    const [id] = await ids();
    expect((await getAlert(db, id!)).clearedMs).toBeNull();
    expect(await raise({ key: 'hall/end', episode: 'hall', change: 'clear', atMs: 4 })).toEqual(['cleared']);
    expect((await getAlert(db, id!)).clearedMs).toBe(4);
  });

  test('an episode within 15 minutes of the last joins in silence; a later one tells again and asks for a new acknowledgement', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'e1' }, { key: 'e1/end', episode: 'e1', change: 'clear', atMs: minutes(10) });
    const [id] = await ids();
    await acknowledge(db, id!, nurse, 5);
    expect(await raise({ key: 'e2', atMs: minutes(25) })).toEqual(['attached']);
    expect(await getAlert(db, id!)).toMatchObject({ clearedMs: null, status: 'acknowledged' });
    expect(await raise({ key: 'e3', atMs: minutes(41) })).toEqual(['returned']);
    expect(await getAlert(db, id!)).toMatchObject({ status: 'open', acknowledgedBy: null });
    expect(await told(id!)).toEqual(['opened', 'cleared', 'acknowledged', 'returned', 'returned']);
    expect(await ids()).toHaveLength(1);
  });

  test('no emergency joins in silence: a new episode of one pages again however soon it comes', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'heard late', severity: 'emergency', fromMs: 0, atMs: minutes(120) });
    const [id] = await ids();
    await acknowledge(db, id!, nurse, 5);
    expect(await raise({ key: 'now', severity: 'emergency', atMs: minutes(125) }, { key: 'now/2', episode: 'now', severity: 'emergency', atMs: minutes(126) })).toEqual(['paged-again', 'attached']);
    expect(await getAlert(db, id!)).toMatchObject({ status: 'acknowledged' });
  });

  test('what staff resolved is never opened by the rest of its episode', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'e1' });
    const [id] = await ids();
    await resolve(db, id!, { ...nurse, outcome: 'true-alarm' }, 5);
    expect(await raise({ key: 'e1' }, { key: 'e1/2', episode: 'e1' }, { key: 'e1/end', episode: 'e1', change: 'clear' })).toEqual(['none', 'none', 'none']);
    expect(await ids()).toEqual([id]);
    expect(await getAlert(db, id!)).toMatchObject({ status: 'resolved', outcome: 'true-alarm', resolvedBy: 'nurse', resolvedMs: 5, findingsCount: 3, clearedMs: null });
  });

  test('after it was resolved, a rise above what staff saw opens a new alert, once for each severity', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'e1', severity: 'routine' });
    await resolve(db, (await ids())[0]!, { ...nurse, outcome: 'true-alarm' }, 5);
    expect(await raise({ key: 'e1/2', episode: 'e1', severity: 'urgent' })).toEqual(['opened']);
    await resolve(db, (await ids())[0]!, { ...nurse, outcome: 'true-alarm' }, 6);
    expect(await raise({ key: 'e1/3', episode: 'e1', severity: 'urgent' })).toEqual(['none']);
    expect(await ids()).toHaveLength(2);
  });

  test('a press after closing opens anew, in the same episode or a new one', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'sos', severity: 'emergency' });
    await resolve(db, (await ids())[0]!, { ...nurse, outcome: 'false-alarm' }, 5);
    expect(await raise({ key: 'sos/2', episode: 'sos', change: 'again', severity: 'emergency' })).toEqual(['opened']);
    const open = (await listAlerts(db, { status: 'open', home: `h${homes}`, limit: 9 })).items;
    await resolve(db, open[0]!.id, { ...nurse, outcome: 'false-alarm' }, 6);
    expect(await raise({ key: 'sos2', severity: 'emergency' })).toEqual(['opened']);
    expect(await ids()).toHaveLength(3);
  });

  test('the end of an old episode does not mark the alert of a new one', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'old' });
    const [old] = await ids();
    await resolve(db, old!, { ...nurse, outcome: 'true-alarm' }, 5);
    await raise({ key: 'new', atMs: minutes(60) });
    expect(await raise({ key: 'old/end', episode: 'old', change: 'clear', atMs: minutes(61) })).toEqual(['none']);
    expect((await listAlerts(db, { status: 'open', home: `h${homes}`, limit: 9 })).items[0]!.clearedMs).toBeNull();
  });

  test('the end of an episode that never had an alert is no alert', async () => {
    const { raise, ids } = newHome();
    expect(await raise({ key: 'x/end', episode: 'x', change: 'clear' })).toEqual([]);
    expect(await ids()).toEqual([]);
  });

  test('every action in every status does what the table of transitions says', async () => {
    const actions = { acknowledge: (id: string) => acknowledge(db, id, nurse, 1), going: (id: string) => going(db, id, nurse, 1), comment: (id: string) => comment(db, id, { ...nurse, note: 'x' }, 1), resolve: (id: string) => resolve(db, id, { ...nurse, outcome: 'unknown' }, 1) };
    for (const status of ALERT_STATUSES) {
      for (const [action, run] of Object.entries(actions)) {
        const { raise, ids } = newHome();
        await raise({ key: 'e1' });
        const id = (await ids())[0]!;
        if (status === 'acknowledged') await actions.acknowledge(id);
        if (status === 'resolved') await actions.resolve(id);
        const before = await getAlert(db, id);
        const expected = (ALERT_TRANSITIONS[status] as Partial<Record<AlertAction, string>>)[action as AlertAction];
        if (expected === undefined) {
          await expect(run(id)).rejects.toMatchObject({ code: 'HW-ALERT-TRANSITION' });
          expect(await getAlert(db, id)).toEqual(before);
        } else {
          await run(id);
          const after = await getAlert(db, id);
          expect(after.status).toBe(expected);
          expect(after.change).toBeGreaterThan(before.change);
          expect(after.history).toHaveLength(before.history.length + 1);
        }
      }
    }
  });

  test('a second person may acknowledge: both are in the history, the newest on the alert', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'e1' });
    const id = (await ids())[0]!;
    await acknowledge(db, id, { who: 'first', note: '  on the phone ' }, 1);
    await acknowledge(db, id, { who: 'second' }, 2);
    const alert = await getAlert(db, id);
    expect(alert).toMatchObject({ acknowledgedBy: 'second', acknowledgedMs: 2 });
    expect(alert.history.slice(1)).toMatchObject([{ who: 'first', note: 'on the phone' }, { who: 'second', note: null }]);
  });

  test('nobody resolves what they have not seen: a rise or a press after the page was shown refuses it, a comment does not', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'e1', severity: 'routine' });
    const id = (await ids())[0]!;
    const { change: seenChange } = await getAlert(db, id);
    const resolution = { ...nurse, outcome: 'true-alarm' as const, seenChange };
    await raise({ key: 'e1/2', episode: 'e1', severity: 'emergency' });
    await comment(db, id, { ...nurse, note: 'x' }, 1);
    const before = await getAlert(db, id);
    await expect(resolve(db, id, resolution, 5)).rejects.toMatchObject({ code: 'HW-ALERT-CHANGED' });
    expect(await getAlert(db, id)).toEqual(before);
    await comment(db, id, { ...nurse, note: 'y' }, 1);
    await resolve(db, id, { ...resolution, seenChange: before.change }, 6);
    expect((await getAlert(db, id)).status).toBe('resolved');
  });

  test('unknown alerts, outcomes and notes that are too long or empty are refused by name', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'e1' });
    const id = (await ids())[0]!;
    await expect(acknowledge(db, 'nowhere', nurse, 1)).rejects.toMatchObject({ code: 'HW-NOT-FOUND' });
    await expect(getAlert(db, 'nowhere')).rejects.toMatchObject({ code: 'HW-NOT-FOUND' });
    await expect(resolve(db, id, { ...nurse, outcome: 'done' as 'unknown' }, 1)).rejects.toMatchObject({ code: 'HW-INVALID' });
    await expect(comment(db, id, { ...nurse, note: ' ' }, 1)).rejects.toMatchObject({ code: 'HW-INVALID' });
    await expect(acknowledge(db, id, { ...nurse, note: 'x'.repeat(4_001) }, 1)).rejects.toMatchObject({ code: 'HW-INVALID' });
  });

  test('the list: open before acknowledged before resolved, then by severity, newest first, whatever the page size', async () => {
    const { home, ids } = newHome();
    const raiseAt = (nowMs: number, input: FindingInput): Promise<unknown> => db.transaction().execute((trx) => raiseFindings(trx, [findingOf({ home, ...input })], nowMs));
    await raiseAt(1, { key: 'routine', subject: 'a', severity: 'routine' });
    await raiseAt(2, { key: 'older emergency', subject: 'b', severity: 'emergency' });
    await raiseAt(3, { key: 'emergency', subject: 'c', severity: 'emergency' });
    await raiseAt(4, { key: 'acknowledged', subject: 'd', severity: 'emergency' });
    await raiseAt(5, { key: 'resolved', subject: 'e', severity: 'emergency' });
    const bySubject = new Map((await listAlerts(db, { home, limit: 9 })).items.map((alert) => [alert.subject, alert.id]));
    await acknowledge(db, bySubject.get('d')!, nurse, 6);
    await resolve(db, bySubject.get('e')!, { ...nurse, outcome: 'test' }, 6);
    const expected = ['c', 'b', 'a', 'd', 'e'].map((subject) => bySubject.get(subject)!);
    expect(await ids()).toEqual(expected);
    for (const limit of [1, 2, 3, 5]) {
      const seen: string[] = [];
      for (let after: string | undefined, more = true; more;) {
        const page = await listAlerts(db, { home, limit, ...(after === undefined ? {} : { after }) });
        seen.push(...page.items.map(({ id }) => id));
        after = page.next;
        more = after !== undefined;
      }
      expect(seen).toEqual(expected);
    }
    const subjects = async (status: 'open' | 'unresolved' | 'resolved'): Promise<string[]> => (await listAlerts(db, { home, status, limit: 9 })).items.map(({ subject }) => subject);
    expect(await subjects('open')).toEqual(['c', 'b', 'a']);
    expect(await subjects('unresolved')).toEqual(['c', 'b', 'a', 'd']);
    expect(await subjects('resolved')).toEqual(['e']);
    await expect(listAlerts(db, { limit: 9, after: 'nonsense' })).rejects.toMatchObject({ code: 'HW-INVALID' });
  });

  test('a live page that follows the change number sees every change once', async () => {
    const { home, raise, ids } = newHome();
    const { change } = await listAlerts(db, { home, limit: 9 });
    await raise({ key: 'a', subject: 'a' }, { key: 'b', subject: 'b' }, { key: 'c', subject: 'c' });
    const first = await listAlerts(db, { home, limit: 2, changedSince: change });
    const rest = await listAlerts(db, { home, limit: 2, changedSince: change, after: first.next! });
    expect([...first.items, ...rest.items].map(({ subject }) => subject)).toEqual(['a', 'b', 'c']);
    expect(rest.next).toBeUndefined();
    expect((await listAlerts(db, { home, limit: 9, changedSince: rest.change })).items).toEqual([]);
    await acknowledge(db, (await ids())[0]!, nurse, 1);
    expect((await listAlerts(db, { home, limit: 9, changedSince: rest.change })).items).toHaveLength(1);
  });

  test('the history keeps its order within one millisecond', async () => {
    const { raise, ids } = newHome();
    await raise({ key: 'e1' });
    const id = (await ids())[0]!;
    const notes = Array.from({ length: 50 }, (_, i) => `note ${i}`);
    for (const note of notes) await comment(db, id, { ...nurse, note }, minutes(1_000));
    const { history } = await getAlert(db, id);
    expect(history.slice(1).map(({ note }) => note)).toEqual(notes);
    expect(history.every((entry) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(entry.id))).toBe(true);
  });
});
