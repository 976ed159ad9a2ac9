import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { getAlert, listAlerts, resolve } from '#libs/alerts';
import { openDatabase, type Database } from '#libs/database';
import { openJournalReader, openJournalWriter, type JournalWriter, type NewEntry } from '#libs/journal';
import { keepInQuarantine, listQuarantine, replaysOf, requestReplay, type QuarantineRow } from '#libs/quarantine';
import { listAlarmTests, listSightings, registerDevice, registerHome, registerResident, setWiring, WIRING_SETTLES_MS } from '#libs/registry';
import { createLogger, ManualClock, readSettings, type Settings } from '#libs/runtime';
import { openTimeSeries, type TimeSeries } from '#libs/timeseries';
import { eventually } from '../../../test/harness/service.js';
import { Monitor } from './monitor.js';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const HOME = 'h1';

let dataDir: string;
let settings: Settings;
let database: Database;
let journal: JournalWriter;
let series: TimeSeries;
let clock: ManualClock;
let monitor: Monitor;

const startMonitor = (): Promise<Monitor> => Monitor.start(settings, clock, createLogger('monitor', 'silent'), (error) => { throw error; });

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hearthwatch-monitor-'));
  settings = readSettings({ HEARTHWATCH_DATA_DIR: dataDir });
  clock = new ManualClock(NOON);
  database = await openDatabase({ url: 'sqlite:', sqliteFile: join(dataDir, 'hearthwatch.db') });
  await registerHome(database, { id: HOME, timeZone: 'Europe/London' }, NOON);
  await registerResident(database, HOME, { id: 'r1', basis: 'consent', decidedBy: 'the resident', reviewOn: '2030-01-01' }, NOON);
  journal = await openJournalWriter({ folder: join(dataDir, 'journal'), log: 'up', freeBytesMin: 0 });
  monitor = await startMonitor();
  series = await openTimeSeries({ url: 'sqlite:', sqliteFile: join(dataDir, 'series.db'), readOnly: true });
});

afterEach(async () => {
  await monitor.stop();
  await series.close();
  await journal.close();
  await database.destroy();
  await rm(dataDir, { recursive: true, force: true });
});

const entry = (device: string, payload: unknown, more: Partial<NewEntry> = {}): NewEntry => ({
  topic: `homes/${HOME}/devices/${device}/readings`, payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  receivedMs: clock.nowMs(), login: 'hub', qos: 1, dup: false, retain: false, connection: 1, packetId: 1, ...more,
});

test('a press of the pendant opens an alert, is stored, and the device is listed', async () => {
  await journal.appendMany([entry('pendant', { ts: NOON, values: { sos: true, battery: 80 } })]);
  const alert = await eventually(5_000, async () => (await listAlerts(database, { limit: 10 })).items[0]);
  expect(alert).toMatchObject({ home: HOME, rule: 'sos', severity: 'emergency', subjectKind: 'resident', subject: 'r1', status: 'open' });
  expect(await eventually(5_000, async () => (await series.count({ home: HOME })) || undefined)).toBe(2);
  const sightings = await eventually(5_000, async () => {
    clock.advance(5_000); // Saved with the next checkpoint.
    const rows = await listSightings(database, HOME);
    return rows.length > 0 ? rows : undefined;
  });
  expect(sightings).toMatchObject([{ device: 'pendant', battery: 80, kinds: ['battery', 'sos'], registered: false }]);
});

test('nobody has an email address: the alert says that nobody was told', async () => {
  await journal.appendMany([entry('pendant', { ts: NOON, values: { sos: true } })]);
  const detail = await eventually(5_000, async () => {
    const [alert] = (await listAlerts(database, { limit: 10 })).items;
    return alert && getAlert(database, alert.id);
  });
  expect(detail.history.map(({ what }) => what)).toEqual(['opened', 'not-told']);
});

test('a monitor that starts again repeats nothing and reopens nothing', async () => {
  await journal.appendMany([entry('pendant', { ts: NOON, values: { sos: true } })]);
  const alert = await eventually(5_000, async () => (await listAlerts(database, { limit: 10 })).items[0]);
  await resolve(database, alert.id, { who: 'nurse', outcome: 'false-alarm' }, NOON);
  await monitor.stop();
  await database.deleteFrom('checkpoints').execute(); // As after a crash before the first checkpoint.
  await database.deleteFrom('homeStates').execute();
  monitor = await startMonitor();
  await journal.appendMany([entry('cuff', { ts: NOON + 1, values: { systolic: 185, diastolic: 90 } })]);
  await eventually(5_000, async () => (await listAlerts(database, { limit: 10 })).items.find(({ rule }) => rule === 'blood-pressure'));
  const all = await database.selectFrom('alerts').select(['rule', 'status']).orderBy('rule').execute();
  expect(all).toEqual([{ rule: 'blood-pressure', status: 'open' }, { rule: 'sos', status: 'resolved' }]);
  expect(await eventually(5_000, async () => (await series.count({ home: HOME })) === 3)).toBe(true);
});

test('what can not be read waits in quarantine, is answered on `rejected`, and takes nothing with it', async () => {
  await journal.appendMany([entry('climate', { ts: NOON, values: { temperature: 451, humidity: 40 } }), entry('broken', '{"ts":')]);
  const { items } = await eventually(5_000, async () => {
    const page = await listQuarantine(database, { home: HOME });
    return page.items.length === 2 ? page : undefined;
  });
  expect(items.map(({ device, code }) => ({ device, code }))).toEqual(expect.arrayContaining([
    { device: 'climate', code: 'HW-DECODE-RANGE' }, { device: 'broken', code: 'HW-DECODE-JSON' },
  ]));
  expect(await eventually(5_000, async () => (await series.count({ home: HOME })) || undefined)).toBe(1);
  const down = await openJournalReader({ folder: join(dataDir, 'journal'), log: 'down', consumer: 'test' });
  const answers = await eventually(5_000, async () => {
    const entries = await down.readAfter(0, { entriesMax: 10, bytesMax: 1_000_000 });
    return entries.length === 2 ? entries : undefined;
  });
  expect(answers.map(({ topic }) => topic)).toEqual([`homes/${HOME}/devices/climate/rejected`, `homes/${HOME}/devices/broken/rejected`]);
  expect(JSON.parse(Buffer.from(answers[0]!.payload).toString())).toEqual({
    code: 'HW-DECODE-RANGE', reason: 'values.temperature: 451 is outside -40…85', payload: expect.stringContaining('451'),
  });
  await down.close();
});

test('by the readings\' clock a hub that says hello before the first reading is not silent since 1970', async () => {
  await monitor.stop();
  await database.deleteFrom('checkpoints').execute(); // A data folder lives by one clock from its first start.
  settings = readSettings({ HEARTHWATCH_DATA_DIR: dataDir, HEARTHWATCH_CLOCK: 'readings' });
  monitor = await startMonitor();
  const hello = { ...entry('hub', ''), topic: `homes/${HOME}/hubs/hub/status`, payload: Buffer.from('online') };
  await journal.appendMany([hello, entry('pir', { ts: '2019-04-01T08:00:00Z', values: { motion: true } }), entry('pendant', { ts: '2019-04-01T08:20:00Z', values: { sos: true } })]);
  const alerts = await eventually(5_000, async () => {
    const { items } = await listAlerts(database, { limit: 10 });
    return items.length > 0 ? items : undefined;
  });
  expect(alerts.map(({ rule, atMs }) => ({ rule, atMs }))).toEqual([{ rule: 'sos', atMs: Date.parse('2019-04-01T08:20:00Z') }]);
});

test('a home may send 32 unknown kinds, before and after a restart; further ones are quarantined, known ones never', async () => {
  const kinds = (from: number, to: number): Record<string, number> => Object.fromEntries(Array.from({ length: to - from }, (_, n) => [`gadget_${from + n}`, n]));
  await journal.appendMany([entry('gadget', { ts: NOON, values: kinds(0, 20) })]);
  expect(await eventually(5_000, async () => (await series.count({ home: HOME })) === 20)).toBe(true);
  await monitor.stop();
  monitor = await startMonitor();
  await journal.appendMany([entry('other', { ts: NOON, values: { ...kinds(10, 40), temperature: 20 } })]);
  const { items } = await eventually(5_000, async () => {
    const page = await listQuarantine(database, { home: HOME });
    return page.items.length > 0 ? page : undefined;
  });
  expect(items).toMatchObject([{ device: 'other', code: 'HW-DECODE-COUNT' }]);
  expect(await eventually(5_000, async () => (await series.count({ home: HOME })) === 20 + 22 + 1)).toBe(true);
});

test('a contact that is wired the wrong way round is turned round from the answer on, in the series and for the rules', async () => {
  const open = (value: boolean, receivedMs: number): NewEntry => entry('door', { ts: receivedMs, values: { open: value, battery: 90 } }, { receivedMs });
  await setWiring(database, HOME, { device: 'door', kind: 'open', inverted: true, setBy: 'installer' }, NOON);
  const fromMs = NOON + WIRING_SETTLES_MS;
  await journal.appendMany([open(true, fromMs - 1)]);
  clock.advance(60_000);
  await journal.appendMany([open(true, fromMs), open(false, NOON + 50_000)]);
  await eventually(5_000, async () => (await series.count({ home: HOME })) === 6 || undefined);
  const { items } = await series.raw({ home: HOME, kind: 'open', fromMs: NOON, toMs: NOON + 60_000, limit: 10 });
  expect(items.map(({ value }) => value)).toEqual([true, false, true]);
  await monitor.stop();
  const { stateJson } = await database.selectFrom('homeStates').select('stateJson').where('home', '=', HOME).executeTakeFirstOrThrow();
  await database.deleteFrom('checkpoints').execute(); // Read again from the start, as after a crash: the same comes out.
  await database.deleteFrom('homeStates').execute();
  monitor = await startMonitor();
  await eventually(5_000, async () => {
    clock.advance(5_000);
    return (await database.selectFrom('homeStates').select('home').where('home', '=', HOME).executeTakeFirst()) ?? undefined;
  });
  expect(await series.count({ home: HOME })).toBe(6);
  expect(stateJson).toContain('door');
});

test('of a neighbour\'s Bluetooth nothing is kept; the press of a pendant that was registered for it is an SOS', async () => {
  await registerDevice(database, HOME, { id: 'A4C138000003', room: 'other', roomName: 'worn', use: 'alarm', kinds: ['sos'], resident: 'r1' }, NOON);
  const heard = (address: string, payload: object): NewEntry => entry('', payload, { topic: `homes/${HOME}/theengs/gateway/BTtoMQTT/${address}` });
  await journal.appendMany([
    heard('A4C138000099', { packet: 1, smoke: true }), heard('A4C138000099', { packet: 2, smoke: 'burning' }),
    heard('A4C138000003', { packet: 5, button: 0 }), heard('A4C138000003', { packet: 6, button: 1 }), heard('A4C138000003', { packet: 6, button: 1 }),
  ]);
  const alert = await eventually(5_000, async () => (await listAlerts(database, { limit: 10 })).items[0]);
  expect(alert).toMatchObject({ rule: 'sos', subject: 'r1' });
  expect(await eventually(5_000, async () => (await series.count({ home: HOME })) || undefined)).toBe(1);
  expect(await series.latest(HOME)).toMatchObject([{ device: 'A4C138000003', kind: 'sos', value: true }]);
  expect((await listAlerts(database, { limit: 10 })).items).toHaveLength(1);
  expect((await listQuarantine(database, { home: HOME })).items).toEqual([]);
});

test('what is in quarantine and can be read by now is read as late input: stored where it belongs, and an SOS pages', async () => {
  const HOUR_MS = 3_600_000;
  const kept = (n: number, topic: string, payload: string): QuarantineRow =>
    ({ key: `message/${n}`, kind: 'message', home: HOME, device: null, topic, atMs: NOON - HOUR_MS + n, code: 'HW-DECODE-FAMILY', reason: 'no decoder yet', payload: Buffer.from(payload) });
  await keepInQuarantine(database, [
    kept(1, `homes/${HOME}/devices/pendant/readings`, '{"values":{"sos":true},"seq":9}'), // As a decoder that has learned it sees it.
    kept(2, `homes/${HOME}/devices/climate/readings`, '{"values":{"temperature":19.5}}'),
    kept(3, `homes/${HOME}/devices/climate/readings`, '{"values":'),
  ]);
  const outcomes = async (): Promise<(string | null | undefined)[]> => {
    const replays = await eventually(10_000, async () => {
      clock.advance(2_000);
      const found = await replaysOf(database, ['message/1', 'message/2', 'message/3']);
      return [...found.values()].every(({ done }) => done) && found.size === 3 ? found : undefined;
    });
    return ['message/1', 'message/2', 'message/3'].map((key) => replays.get(key)?.outcome);
  };
  expect(await requestReplay(database, { home: HOME }, 'nurse', clock.nowMs())).toBe(3);
  expect(await outcomes()).toEqual(['Read after all: 1 reading', 'Read after all: 1 reading', expect.stringMatching(/^Still not readable: /)]);
  const { items } = await series.raw({ home: HOME, fromMs: 0, toMs: NOON, limit: 10 });
  expect(items.map(({ device, kind, receivedMs }) => ({ device, kind, receivedMs }))).toEqual([
    { device: 'pendant', kind: 'sos', receivedMs: NOON - HOUR_MS + 1 }, { device: 'climate', kind: 'temperature', receivedMs: NOON - HOUR_MS + 2 },
  ]);
  expect((await listAlerts(database, { limit: 10 })).items).toMatchObject([{ rule: 'sos', status: 'open', fromMs: NOON - HOUR_MS + 1 }]);
  expect((await listQuarantine(database, {})).items.filter(({ replayedMs }) => replayedMs === null).map(({ key }) => key)).toEqual(['message/3']);

  // Once more, as after a crash before the position was saved: nothing is said or stored twice.
  await database.updateTable('quarantine').set({ replayedMs: null }).execute();
  await requestReplay(database, { home: HOME }, 'nurse', clock.nowMs());
  await outcomes();
  expect(await series.count({ home: HOME })).toBe(2);
  const [alert] = (await listAlerts(database, { limit: 10 })).items;
  expect((await getAlert(database, alert!.id)).findings).toHaveLength(1);
}, 30_000);

test('an alarm that is sent as a test pages nobody and counts as its monthly test', async () => {
  await registerDevice(database, HOME, { id: 'pendant', room: 'other', roomName: 'worn', use: 'alarm', kinds: ['sos'] }, NOON);
  expect(await listAlarmTests(database, HOME, NOON)).toEqual([{ device: 'pendant', kind: 'sos', lastMs: null, due: true }]);
  await journal.appendMany([entry('pendant', { ts: NOON, values: { sos: true }, test: true })]);
  await eventually(5_000, async () => {
    clock.advance(2_500); // Saved with the next checkpoint.
    const [alarm] = await listAlarmTests(database, HOME, NOON);
    return alarm?.due === false && alarm.lastMs === NOON ? true : undefined;
  });
  expect((await listAlerts(database, { limit: 10 })).items.filter(({ rule }) => rule === 'sos')).toEqual([]);
});

test('a redelivery of a reading without time and number is recognised by its packet', async () => {
  const first = entry('climate', { values: { temperature: 20 } }, { packetId: 7 });
  await journal.appendMany([first, { ...first, dup: true, receivedMs: NOON + 5 }, { ...first, receivedMs: NOON + 9, packetId: 8 }]);
  await eventually(5_000, async () => (await series.count({ home: HOME })) >= 2);
  expect(await series.count({ home: HOME })).toBe(2);
});

test('an InfluxDB that is away delays no alert, is named, and the monitor stops at once all the same', async () => {
  await monitor.stop();
  settings = readSettings({ HEARTHWATCH_DATA_DIR: dataDir, HEARTHWATCH_TIMESERIES_URL: 'influxdb://127.0.0.1:1/homes' }); // Nobody listens on port 1.
  monitor = await startMonitor();
  await journal.appendMany([entry('pendant', { ts: NOON, values: { sos: true } })]);
  expect(await eventually(5_000, async () => (await listAlerts(database, { limit: 10 })).items[0])).toMatchObject({ rule: 'sos' });
  await eventually(5_000, () => Promise.resolve(monitor.trouble.failing().includes('series') || undefined));
  const beganMs = performance.now();
  await monitor.stop();
  expect(performance.now() - beganMs).toBeLessThan(3_000);
  settings = readSettings({ HEARTHWATCH_DATA_DIR: dataDir });
  monitor = await startMonitor();
  expect(await eventually(5_000, async () => (await series.count({ home: HOME })) || undefined)).toBe(1); // Nothing was skipped.
});

test('devices behind a Zigbee2MQTT are announced, heard and page; what its decoder knows outlives a restart', async () => {
  const z2m = (path: string, payload: unknown): NewEntry => ({ ...entry('', payload), topic: `homes/${HOME}/zigbee2mqtt/${path}` });
  const listed = (friendly_name: string, model: string, description: string, property: Record<string, unknown>): unknown => ({
    type: 'EndDevice', friendly_name, definition: { model, vendor: 'Example', description, exposes: [{ access: 1, name: property.property, ...property }] },
  });
  await journal.appendMany([
    z2m('bridge/state', { state: 'online' }),
    z2m('bridge/devices', [
      listed('pendant', 'HS1EB', 'Smart emergency button', { type: 'enum', property: 'action', values: ['single'] }),
      listed('pir', 'RTCGQ11LM', 'Motion sensor', { type: 'binary', property: 'occupancy', value_on: true, value_off: false }),
    ]),
    z2m('pir', { occupancy: true, linkquality: 80 }),
  ]);
  const sightings = await eventually(5_000, async () => {
    clock.advance(5_000);
    const rows = await listSightings(database, HOME);
    return rows.some(({ device, lastMs }) => device === 'pir' && lastMs > 0) ? rows : undefined;
  });
  expect(sightings).toMatchObject([
    { device: 'pendant', lastMs: 0, model: 'HS1EB', kinds: ['sos'] }, { device: 'pir', model: 'RTCGQ11LM', kinds: ['link_quality', 'motion'] }, { device: 'zigbee2mqtt', said: 'online' },
  ]);
  await eventually(5_000, async () => (await series.count({ home: HOME })) === 2);

  await monitor.stop();
  monitor = await startMonitor();
  await journal.appendMany([z2m('pir', { occupancy: true, linkquality: 81 }), z2m('pendant', { action: 'single' })]);
  expect(await eventually(5_000, async () => (await listAlerts(database, { limit: 10 })).items[0])).toMatchObject({ rule: 'sos', severity: 'emergency', home: HOME });
  await eventually(5_000, async () => (await series.count({ home: HOME })) >= 4);
  const { items } = await series.raw({ home: HOME, fromMs: 0, toMs: NOON + 3_600_000, limit: 10 });
  expect(items.map(({ device, kind }) => `${device} ${kind}`).toSorted()).toEqual(['pendant sos', 'pir link_quality', 'pir link_quality', 'pir motion']);
  expect((await listQuarantine(database, { home: HOME })).items).toEqual([]);
});
