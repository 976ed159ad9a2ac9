import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startConsole } from '#apps/console';
import { raiseFindings, type AlertChange } from '#libs/alerts';
import { openDatabase, type Database } from '#libs/database';
import type { Finding } from '#libs/detection';
import { keepInQuarantine } from '#libs/quarantine';
import { addContact, recordSightings, registerDevice, registerHome, registerResident, type DeviceInput } from '#libs/registry';
import { Settings, systemClock, type Clock } from '#libs/runtime';
import type { Reading } from '#libs/telemetry';
import { openTimeSeries, type TimeSeries } from '#libs/timeseries';

export const TOKEN = 'a-bootstrap-token-for-tests-of-40-letters';

/** A console that really runs on stores of its own, and a hand in those stores. */
export interface SeededConsole {
  url: string;
  username: string;
  password: string;
  db: Database;
  series: TimeSeries;
  folder: string;
  stop(): Promise<void>;
}

/** Starts a console on a fresh data folder; `seed` fills the stores first. */
export async function startSeeded(
  seed: (db: Database, series: TimeSeries, nowMs: number) => Promise<void> = () => Promise.resolve(), more: Partial<Settings> = {}, clock: Clock = systemClock,
): Promise<SeededConsole> {
  const folder = await mkdtemp(join(tmpdir(), 'hearthwatch-console-'));
  const db = await openDatabase({ url: more.databaseUrl ?? 'sqlite:', sqliteFile: join(folder, 'hearthwatch.db') });
  const series = await openTimeSeries({ url: 'sqlite:', sqliteFile: join(folder, 'series.db') });
  await seed(db, series, clock.nowMs());
  const settings = Object.assign(new Settings(), { dataDir: folder, httpPort: 0, bootstrapToken: TOKEN, logLevel: 'silent', roles: ['console'], ...more });
  let printed = '';
  const running = await startConsole(settings, { clock, print: (line) => { printed += line; } });
  const [, username = '', password = ''] = /username (\S+), password (\S+)/.exec(printed) ?? [];
  const stop = async (): Promise<void> => {
    await running.stop();
    await series.close();
    await db.destroy();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: running.url, username, password, db, series, folder, stop };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const DEVICES: DeviceInput[] = [
  { id: 'pir-hall', room: 'hallway', use: 'movement', kinds: ['motion'], model: 'Aqara RTCGQ11LM' },
  { id: 'pir-bedroom', room: 'bedroom', use: 'movement', kinds: ['motion'] },
  { id: 'pir-kitchen', room: 'kitchen', use: 'movement', kinds: ['motion'] },
  { id: 'pir-bathroom', room: 'bathroom', use: 'movement', kinds: ['motion'] },
  { id: 'pir-lounge', room: 'lounge', use: 'movement', kinds: ['motion'] },
  { id: 'door-front', room: 'hallway', use: 'exterior-door', kinds: ['open'] },
  { id: 'fridge', room: 'kitchen', use: 'fridge', kinds: ['opened'] },
  { id: 'bed', room: 'bedroom', use: 'bed', kinds: ['bed_occupied'], resident: 'r1' },
  { id: 'pendant', room: 'other', roomName: 'Worn', use: 'wearable', kinds: ['sos', 'battery'], resident: 'r1' },
  { id: 'cuff', room: 'lounge', use: 'vital-signs', kinds: ['systolic', 'diastolic', 'heart_rate'], resident: 'r1' },
  { id: 'thermo-lounge', room: 'lounge', use: 'climate', kinds: ['temperature'] },
  { id: 'smoke', room: 'landing', use: 'alarm', kinds: ['smoke'] },
];

const reading = (home: string, device: string, kind: string, value: Reading['value'], atMs: number): Reading =>
  ({ home, device, kind, value, atMs, receivedMs: atMs + 400, clock: 'device', test: false });

/** A day and a week that look like somebody's: always the same for the same end. */
export function readingsOf(home: string, endMs: number): Reading[] {
  const out: Reading[] = [];
  const midnight = Math.floor(endMs / DAY_MS) * DAY_MS;
  for (let minute = 0; minute < 24 * 60; minute += 4) {
    const atMs = endMs - DAY_MS + minute * 60_000;
    const hour = Math.floor((atMs % DAY_MS) / HOUR_MS);
    const room = hour < 6 || hour >= 23 ? (minute % 96 === 0 ? 'pir-bathroom' : '') : hour < 8 ? 'pir-bathroom' : hour < 10 || hour === 12 || hour === 18 ? 'pir-kitchen' : hour < 21 ? 'pir-lounge' : 'pir-bedroom';
    if (room !== '' && (minute * 7) % 12 < 8) out.push(reading(home, room, 'motion', true, atMs));
    if (room !== '' && minute % 36 === 0) out.push(reading(home, 'pir-hall', 'motion', true, atMs + 20_000));
    if (room === 'pir-kitchen' && minute % 28 === 0) out.push(reading(home, 'fridge', 'opened', true, atMs + 9_000));
    if (minute % 20 === 0) out.push(reading(home, 'thermo-lounge', 'temperature', Math.round((19 + 2 * Math.sin((hour / 24) * 6.28 - 2)) * 10) / 10, atMs));
  }
  for (const [fromHour, toHour] of [[-1.5, 6.5]]) {
    out.push(reading(home, 'bed', 'bed_occupied', true, midnight + fromHour! * HOUR_MS), reading(home, 'bed', 'bed_occupied', false, midnight + toHour! * HOUR_MS));
  }
  for (const at of [10.2, 10.9]) {
    const atMs = endMs - DAY_MS + at * HOUR_MS;
    out.push(reading(home, 'door-front', 'open', true, atMs), reading(home, 'door-front', 'open', false, atMs + 50_000));
  }
  for (let day = 6; day >= 0; day--) {
    const atMs = endMs - day * DAY_MS - 2 * HOUR_MS;
    out.push(reading(home, 'cuff', 'systolic', day === 0 ? 176 : 138 + (day * 5) % 14, atMs), reading(home, 'cuff', 'diastolic', 78 + (day * 3) % 9, atMs), reading(home, 'cuff', 'heart_rate', 66 + (day * 7) % 12, atMs));
  }
  out.push(reading(home, 'pendant', 'battery', 14, endMs - 3 * HOUR_MS), reading(home, 'smoke', 'smoke', false, endMs - 5 * HOUR_MS));
  return out.filter((one) => one.atMs <= endMs);
}

/** One home as a care team sees it. */
export async function seedHome(db: Database, series: TimeSeries, home: string, nowMs: number): Promise<void> {
  await registerHome(db, {
    id: home, timeZone: 'Europe/London', address: '1 Example Street\nExampletown EX1 1EX', phone: '01632 960001', keySafe: 'Left of the front door, code with the duty nurse', hazards: 'Oxygen in the lounge. Dog.',
  }, nowMs - 30 * DAY_MS);
  await registerResident(db, home, { id: 'r1', basis: 'best-interests', decidedBy: 'Care team with family', reviewOn: '2027-05-01' }, nowMs - 30 * DAY_MS);
  await addContact(db, home, { name: 'First contact', role: 'family', email: 'first@example.org', phone: '01632 960002' }, nowMs - 30 * DAY_MS);
  for (const device of DEVICES) await registerDevice(db, home, device, nowMs - 30 * DAY_MS);
  const readings = readingsOf(home, nowMs - 2 * 60_000);
  await series.append(readings);
  const newest = new Map(readings.map((one) => [one.device, one.atMs]));
  await recordSightings(db, [...newest].map(([device, lastMs]) => ({
    home, device, firstMs: lastMs - DAY_MS, lastMs, kinds: DEVICES.find(({ id }) => id === device)?.kinds.slice() ?? [], battery: device === 'pendant' ? 14 : null, said: null, missed: 0,
  })));
}

/** A finding of one home's resident; `over` says what differs. */
export function finding(home: string, rule: string, atMs: number, over: Partial<Finding> = {}): Finding {
  const key = `${home}/${rule}/r1/${atMs}`;
  return {
    key, episode: key, change: 'raise', home, subjectKind: 'resident', subject: 'r1', rule, ruleVersion: 1, cause: rule, severity: 'routine',
    fromMs: atMs, atMs, reason: `Something for ${rule}`, familyReason: 'Please have a look', evidence: [], parameters: {}, ...over,
  };
}

export function raise(db: Database, findings: Finding[], nowMs: number): Promise<AlertChange[]> {
  return db.transaction().execute((trx) => raiseFindings(trx, findings, nowMs));
}

/** Three alerts as a morning brings them, something unreadable, and a device that nobody knows. */
export async function seedMorning(db: Database, series: TimeSeries, nowMs: number): Promise<void> {
  for (const home of ['h1', 'h2', 'h3']) await seedHome(db, series, home, nowMs);
  await raise(db, [finding('h2', 'blood-pressure', nowMs - 2 * HOUR_MS, {
    cause: 'high', reason: 'Systolic 176 mmHg; limit 160', evidence: [{ device: 'cuff', kind: 'systolic', value: 176, atMs: nowMs - 2 * HOUR_MS }, { device: 'cuff', kind: 'diastolic', value: 78, atMs: nowMs - 2 * HOUR_MS }],
    parameters: { systolicMax: 160, diastolicMax: 100, diastolicMin: 55, repeatWithinMs: 1_800_000 },
  })], nowMs - 2 * HOUR_MS);
  await raise(db, [finding('h1', 'night-exit', nowMs - 40 * 60_000, {
    severity: 'urgent', reason: 'Front door opened at 02:14 after movement indoors; no movement for 3 minutes since', fromMs: nowMs - 43 * 60_000,
    evidence: [{ device: 'pir-hall', kind: 'motion', value: true, atMs: nowMs - 44 * 60_000 }, { device: 'door-front', kind: 'open', value: true, atMs: nowMs - 43 * 60_000 }], parameters: { fromHour: 23, untilHour: 5, absentUrgentMs: 180_000 },
  })], nowMs - 40 * 60_000);
  await raise(db, [finding('h3', 'device-silent', nowMs - 5 * HOUR_MS, { severity: 'technical', subjectKind: 'device', subject: 'smoke', reason: 'Smoke alarm not heard for 5 hours; expected every 60 minutes' })], nowMs - 5 * HOUR_MS);
  await keepInQuarantine(db, [{
    key: 'message/7', kind: 'message', home: 'h1', device: 'pir-hall', topic: 'homes/h1/devices/pir-hall/readings', atMs: nowMs - HOUR_MS, code: 'HW-DECODE-RANGE',
    reason: 'values.temperature: 451 is outside -40…85', payload: new TextEncoder().encode('{"values":{"temperature":451}}'),
  }, {
    key: 'message/8', kind: 'message', home: 'h2', device: 'x', topic: 'homes/h2/devices/x/readings', atMs: nowMs - 2 * HOUR_MS, code: 'HW-DECODE-JSON',
    reason: 'not JSON: <script>alert(1)</script>', payload: new TextEncoder().encode('<script>alert(1)</script>\u0000\u0001'),
  }]);
  await recordSightings(db, [{ home: 'h1', device: 'new-plug', firstMs: nowMs - HOUR_MS, lastMs: nowMs - 60_000, kinds: ['power'], battery: null, said: 'online', missed: 0 }]);
}
