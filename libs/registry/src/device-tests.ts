import { atomically, type Executor } from '#libs/database';
import { days } from '#libs/runtime';
import { ALARM_KINDS } from '#libs/telemetry';
import { checkedId } from './checks.js';
import { listDevices } from './devices.js';

/** A kind of a device was heard as a test (`test: true`). */
export interface DeviceTest {
  home: string;
  device: string;
  kind: string;
  /** When it was last received. */
  lastMs: number;
}

/** One alarm of a registered device and its last test. */
export interface AlarmTest {
  device: string;
  kind: string;
  lastMs: number | null;
  /** Never tested, or not for longer than a month. */
  due: boolean;
}

/** A calendar month at its longest; makers of alarms ask for a test each month. */
const TEST_EVERY_MS = days(31);
const ROWS_PER_STATEMENT = 500;

/** Saves when devices were last tested; the time never goes back, so recording twice is recording once. */
export async function recordDeviceTests(db: Executor, tests: readonly DeviceTest[]): Promise<void> {
  const rows = [...tests].sort((a, b) => (`${a.home}/${a.device}/${a.kind}` < `${b.home}/${b.device}/${b.kind}` ? -1 : 1)); // One order for all who record: no deadlock.
  await atomically(db, async (trx) => {
    for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) {
      await trx.insertInto('deviceTests').values(rows.slice(i, i + ROWS_PER_STATEMENT)).onConflict((conflict) => conflict.columns(['home', 'device', 'kind']).doUpdateSet((eb) => ({
        lastMs: eb.case().when('excluded.lastMs', '>', eb.ref('deviceTests.lastMs')).then(eb.ref('excluded.lastMs')).else(eb.ref('deviceTests.lastMs')).end(),
      }))).execute();
    }
  });
}

/** The alarms of a home's registered devices, each with its last test; what is due comes first. */
export async function listAlarmTests(db: Executor, home: string, nowMs: number): Promise<AlarmTest[]> {
  const rows = await db.selectFrom('deviceTests').selectAll().where('home', '=', checkedId('home', home)).execute();
  const tested = new Map(rows.map(({ device, kind, lastMs }) => [`${device}/${kind}`, lastMs]));
  const alarms = (await listDevices(db, home, nowMs)).flatMap(({ id, kinds }) => kinds.filter((kind) => (ALARM_KINDS as readonly string[]).includes(kind)).map((kind): AlarmTest => {
    const lastMs = tested.get(`${id}/${kind}`) ?? null;
    return { device: id, kind, lastMs, due: lastMs === null || nowMs - lastMs > TEST_EVERY_MS };
  }));
  return [...alarms.filter(({ due }) => due), ...alarms.filter(({ due }) => !due)];
}
