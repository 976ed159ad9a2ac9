import { afterEach, expect, test } from '@jest/globals';
import { onEveryDatabase } from '../harness/databases.js';
import { Scene } from './scene.js';

onEveryDatabase((engine) => {
  let scene!: Scene;
  afterEach(() => scene?.close());

  const begin = async (...contacts: Parameters<typeof Scene.open>[1][]): Promise<void> => {
    scene = await Scene.open(await (await engine.fresh()).open(), ...contacts);
  };
  const story = async (): Promise<string[][]> => (await scene.alerts()).map(({ history }) => history.map(({ what }) => what));

  test('she presses the pendant twice: one alert, her daughter is paged twice', async () => {
    await begin();
    await scene.says('02:14', 'pendant', 'sos');
    await scene.says('02:16', 'pendant', 'sos');
    expect(scene.subjects()).toEqual(['Emergency: please act now', 'Emergency, and help was called for again: please act now']);
    expect(scene.inbox()[0]!.text).toContain('Saturday 21 November at 02:14 GMT');
    expect(await story()).toEqual([['opened', 'told', 'paged-again', 'told']]);
  });

  test('the hub sends the same press twice: one page', async () => {
    await begin();
    await scene.says('02:14', 'pendant', 'sos');
    await scene.says('02:14', 'pendant', 'sos', true, { received: '02:15' });
    expect(scene.subjects()).toHaveLength(1);
  });

  test('a nurse resolves; the journal is read again from its beginning: nothing opens, nobody is told', async () => {
    await begin();
    await scene.says('02:14', 'pendant', 'sos');
    await scene.says('02:16', 'pendant', 'sos');
    await scene.clock('02:30');
    await scene.nurse.resolves('false-alarm');
    const before = { alerts: await scene.alerts(), mails: scene.subjects() };
    await scene.restarts({ fromTheBeginning: true });
    expect({ alerts: await scene.alerts(), mails: scene.subjects() }).toEqual(before);
    expect(before.mails.at(-1)).toBe('dealt with (emergency)');
  });

  test('she presses again after the nurse closed it: a new alert, and her daughter is paged', async () => {
    await begin();
    await scene.says('02:14', 'pendant', 'sos');
    await scene.nurse.resolves('false-alarm');
    await scene.says('02:17', 'pendant', 'sos');
    expect(await scene.alerts()).toHaveLength(2);
    expect(await scene.openAlert()).toMatchObject({ status: 'open', severity: 'emergency', rule: 'sos' });
    expect(scene.subjects().at(-1)).toMatch(/^Emergency/);
  });

  test('she falls and presses the pendant: two alerts, each with its page', async () => {
    await begin();
    await scene.says('02:14', 'pendant', 'fall');
    await scene.says('02:14:10', 'pendant', 'sos');
    await scene.clock('02:16');
    expect((await scene.alerts()).map(({ rule }) => rule).sort()).toEqual(['fall', 'sos']);
    expect(scene.subjects()).toHaveLength(2);
  });

  test('the service dies while it writes the alert: after the restart it is there, once, and the page too', async () => {
    await begin();
    await scene.diesWhile(() => scene.says('02:14', 'pendant', 'sos'));
    await scene.restarts();
    expect(await story()).toEqual([['opened', 'told']]);
    expect(scene.subjects()).toEqual(['Emergency: please act now']);
  });

  test('the service is killed between two of its saves: what it reads again changes nothing', async () => {
    await begin();
    await scene.says('02:14', 'pendant', 'sos');
    scene.saves();
    await scene.says('02:16', 'pendant', 'sos');
    await scene.says('02:20', 'smoke-hall', 'smoke');
    const before = await scene.alerts();
    await scene.restarts();
    await scene.restarts();
    expect(await scene.alerts()).toEqual(before);
    expect(scene.subjects()).toHaveLength(3);
  });

  test('the mail server is away for ten minutes: the page waits and goes out, the alert shows at once', async () => {
    await begin();
    scene.mailServer('drop-before-mail');
    await scene.says('02:14', 'pendant', 'sos');
    await scene.clock('02:19');
    expect(await scene.openAlert()).toMatchObject({ status: 'open' });
    expect(scene.subjects()).toEqual([]);
    scene.mailServer('accept');
    await scene.clock('02:24');
    expect(scene.subjects()).toEqual(['Emergency: please act now']);
    expect(await story()).toEqual([['opened', 'told']]);
  });

  test('toast burns: the smoke clears, the alert says so and stays until the nurse has looked; then her daughter hears that it is over', async () => {
    await begin();
    await scene.says('08:00', 'smoke-kitchen', 'smoke', true);
    await scene.says('08:06', 'smoke-kitchen', 'smoke', false);
    await scene.clock('08:30');
    expect((await scene.openAlert()).status).toBe('open');
    expect((await scene.openAlert()).clearedMs).not.toBeNull();
    await scene.nurse.resolves('true-alarm');
    expect(scene.subjects()).toEqual(['Emergency: please act now', 'dealt with (emergency)']);
  });

  test('smoke in the kitchen and then in the hall: neither waits for the other, and while one lasts the alert is not clear', async () => {
    await begin();
    await scene.says('08:00', 'smoke-kitchen', 'smoke', true);
    await scene.says('08:01', 'smoke-hall', 'smoke', true);
    await scene.says('08:04', 'smoke-kitchen', 'smoke', false);
    await scene.clock('08:10');
    expect(scene.subjects().length).toBeGreaterThanOrEqual(1);
    expect((await scene.alerts()).some(({ clearedMs }) => clearedMs === null)).toBe(true);
    await scene.says('08:12', 'smoke-hall', 'smoke', false);
    await scene.clock('08:40');
    expect((await scene.alerts()).every(({ clearedMs }) => clearedMs !== null)).toBe(true);
  });

  test('she goes out at night and stays out: urgent, then an emergency that asks the nurse anew, then movement marks it clear', async () => {
    await begin();
    await scene.says('02:00', 'pir-hall', 'motion');
    await scene.says('02:01', 'door', 'open', true);
    await scene.clock('02:10');
    await scene.nurse.goes();
    expect(await scene.openAlert()).toMatchObject({ severity: 'urgent', status: 'acknowledged' });
    await scene.clock('02:40');
    expect(await scene.openAlert()).toMatchObject({ severity: 'emergency', status: 'open', goingBy: 'nurse' });
    await scene.says('02:50', 'pir-hall', 'motion');
    await scene.clock('02:55');
    expect((await scene.openAlert()).clearedMs).not.toBeNull();
    expect(scene.subjects()).toEqual(['Urgent: please act within the hour', 'Emergency, and it has become more serious: please act now']);
  });

  test('her hub was offline: a press of three hours ago pages now and says both times', async () => {
    await begin();
    await scene.says('23:00', 'pendant', 'sos', true, { received: '1d 02:00' });
    expect(scene.subjects()).toEqual(['Emergency: please act now']);
    expect(scene.inbox()[0]!.text).toMatch(/23:00.*02:00/s);
    await scene.nurse.acknowledges();
    await scene.says('1d 02:05', 'pendant', 'sos');
    expect(scene.subjects()).toHaveLength(2); // What she does now is told, whatever arrived late just before.
  });

  test('the monthly test of the pendant pages nobody', async () => {
    await begin();
    await scene.says('11:00', 'pendant', 'sos', true, { test: true });
    await scene.clock('11:30');
    expect(await scene.alerts()).toEqual([]);
    expect(scene.subjects()).toEqual([]);
  });

  test.each([['family', false], ['clinician', true]] as const)('her blood pressure is high two days running: her %s contact is told each day (with the numbers: %s)', async (role, withNumbers) => {
    await begin([{ role, email: 'daughter@example.org' }]);
    for (const day of ['', '1d ']) {
      await scene.says(`${day}09:00`, 'cuff', 'systolic', 205);
      await scene.says(`${day}09:00`, 'cuff', 'diastolic', 122);
      await scene.clock(`${day}09:30`);
    }
    await scene.clock('2d 01:00');
    expect(await scene.alerts()).toHaveLength(1);
    expect(scene.subjects().length).toBeGreaterThanOrEqual(2);
    for (const { headers, text, html } of scene.inbox()) {
      expect([/\b(205|122)\b/.test(text), /\b(205|122)\b/.test(html)]).toEqual([withNumbers, withNumbers]);
      expect(headers['subject']).not.toMatch(/205|122|pressure/i);
    }
  });

  test('nobody has an email address: the alert says in its history that nobody was told, and why', async () => {
    await begin([{ role: 'family', phone: '+44 20 7946 0000' }]);
    await scene.says('02:14', 'pendant', 'sos');
    const { history } = await scene.openAlert();
    expect(history.map(({ what }) => what)).toEqual(['opened', 'not-told']);
    expect(history[1]!.note).toMatch(/email address/);
  });

  test('the first contact has only a telephone: the next is told', async () => {
    await begin([{ role: 'family', phone: '+44 20 7946 0000' }, { role: 'responder', email: 'neighbour@example.org' }, { role: 'family', email: 'daughter@example.org' }]);
    await scene.says('02:14', 'pendant', 'sos');
    expect(scene.subjects('neighbour@example.org')).toHaveLength(1);
    expect(scene.subjects()).toEqual([]);
  });

  test('while she is in hospital her open door is no concern; her pendant is', async () => {
    await begin();
    await scene.known('hospital', '00:00', '1d 00:00');
    await scene.says('02:00', 'pir-hall', 'motion');
    await scene.says('02:01', 'door', 'open', true);
    await scene.clock('03:30');
    expect(await scene.alerts()).toEqual([]);
    await scene.says('03:40', 'pendant', 'sos');
    expect(scene.subjects()).toHaveLength(1);
  });
});
