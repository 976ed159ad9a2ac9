import { Option, type Command } from 'commander';
import type { Database, Executor } from '#libs/database';
import { recordAudit } from '#libs/identity';
import { hours } from '#libs/runtime';
import {
  createCredential, getHome, HOME_KINDS, listCredentials, listDevices, listHomes, LOGIN_KINDS, registerDevice, registerHome, retireDevice, revokeCredential, ROOMS, rotateCredential, USES,
  type DeviceInput, type HomeKind, type LoginInput,
} from '#libs/registry';
import { WHO, type Administration } from './administration.js';
import { moment, table } from './table.js';

export function addHomeCommands(admin: Command, { withDatabase, nowMs, say }: Administration): void {
  const home = admin.command('home').description('homes, by pseudonym');
  home.command('add').description('registers a home').argument('<home>', 'a pseudonym: never a name or an address')
    .requiredOption('--time-zone <zone>', 'IANA, such as Europe/London')
    .addOption(new Option('--kind <kind>', 'for whom').choices(HOME_KINDS).default('single'))
    .action((id: string, { timeZone, kind }: { timeZone: string; kind: HomeKind }) => withDatabase(async (db) => {
      await audited(db, nowMs(), 'home-registered', id, (trx) => registerHome(trx, { id, timeZone, kind }, nowMs()));
      say(`Home ${id} is registered. Its hub needs a login: admin login create ${id}`);
    }));
  home.command('list').description('all homes').action(() => withDatabase(async (db) => {
    const rows: string[][] = [];
    for (let after: string | undefined, more = true; more;) {
      const page = await listHomes(db, { limit: 1_000, ...(after === undefined ? {} : { after }) });
      rows.push(...page.items.map((row) => [row.id, row.kind, row.timeZone, moment(row.createdMs)]));
      after = page.next;
      more = after !== undefined;
    }
    say(rows.length === 0 ? 'No homes.' : table(['HOME', 'KIND', 'TIME ZONE', 'SINCE'], rows));
  }));
}

export function addDeviceCommands(admin: Command, { withDatabase, nowMs, say }: Administration): void {
  const device = admin.command('device').description('devices of a home');
  device.command('add').description('registers a device, or a change of it from now on').argument('<home>').argument('<device>', 'a pseudonym')
    .addOption(new Option('--room <room>', 'where it is').choices(ROOMS).makeOptionMandatory())
    .addOption(new Option('--use <use>', 'what it watches').choices(USES).makeOptionMandatory())
    .requiredOption('--kinds <kind...>', 'what it measures, such as motion battery')
    .option('--room-name <name>', 'the room\'s name; needed where --room is other')
    .option('--model <model>').option('--resident <resident>', 'to whom it belongs: bed, wearable, cuff')
    .action((home: string, id: string, options: Omit<DeviceInput, 'id'>) => withDatabase(async (db) => {
      await audited(db, nowMs(), 'device-registered', `${home}/${id}`, (trx) => registerDevice(trx, home, { id, ...options }, nowMs()));
      say(`Device ${id} of ${home} is registered.`);
    }));
  device.command('retire').description('no longer expects a device to report').argument('<home>').argument('<device>')
    .action((home: string, id: string) => withDatabase(async (db) => {
      await audited(db, nowMs(), 'device-retired', `${home}/${id}`, (trx) => retireDevice(trx, home, id, nowMs()));
      say(`Device ${id} of ${home} is retired.`);
    }));
  device.command('list').description('the devices of a home as they are now').argument('<home>').action((home: string) => withDatabase(async (db) => {
    await getHome(db, home);
    const devices = await listDevices(db, home, nowMs());
    say(devices.length === 0 ? 'No devices.' : table(['DEVICE', 'ROOM', 'USE', 'KINDS', 'RESIDENT', 'MODEL'], devices.map((row) => [
      row.id, row.roomName === null ? row.room : `${row.room} (${row.roomName})`, row.use, row.kinds.join(' '), row.resident ?? '', row.model ?? '',
    ])));
  }));
}

export function addLoginCommands(admin: Command, { withDatabase, nowMs, say }: Administration): void {
  const login = admin.command('login').description('MQTT logins of a home\'s hubs and devices');
  login.command('create').description('makes a login and prints it').argument('<home>')
    .addOption(new Option('--kind <kind>', 'hub reaches its home, device one device, mounted its home with topics that begin below it').choices(LOGIN_KINDS).default('hub'))
    .option('--device <device>', 'for which device; needed with --kind device')
    .action((home: string, options: LoginInput) => withDatabase(async (db) => {
      const made = await db.transaction().execute(async (trx) => {
        const credential = await createCredential(trx, home, nowMs(), options);
        await recordAudit(trx, { who: WHO, what: 'login-created', subject: credential.username }, nowMs());
        return credential;
      });
      say(`Username: ${made.username}\nPassword: ${made.password}`);
      say('The password is shown this once.');
    }));
  login.command('rotate').description('makes a login that takes over from another, and prints it').argument('<home>').argument('<username>', 'the old one')
    .requiredOption('--overlap-hours <hours>', 'how long the old one still opens; 0 ends it now', (text) => Number(text))
    .action((home: string, username: string, { overlapHours }: { overlapHours: number }) => withDatabase(async (db) => {
      const made = await db.transaction().execute(async (trx) => {
        const credential = await rotateCredential(trx, home, username, Math.round(nowMs() + hours(overlapHours)), nowMs());
        await recordAudit(trx, { who: WHO, what: 'login-rotated', subject: username, detail: { newUsername: credential.username } }, nowMs());
        return credential;
      });
      say(`Username: ${made.username}\nPassword: ${made.password}`);
      say(`The password is shown this once. ${username} opens until ${moment(made.oldUntilMs)}.`);
    }));
  login.command('list').description('a home\'s logins, never their passwords').argument('<home>').action((home: string) => withDatabase(async (db) => {
    await getHome(db, home);
    const logins = await listCredentials(db, home);
    say(logins.length === 0 ? 'No logins.' : table(['USERNAME', 'KIND', 'DEVICE', 'SINCE', 'STATE'], logins.map((row) => [
      row.username, row.kind, row.device ?? '', moment(row.createdMs), row.revokedMs !== null ? `revoked ${moment(row.revokedMs)}` : row.expiresMs === null ? 'active' : `until ${moment(row.expiresMs)}`,
    ])));
  }));
  login.command('revoke').description('ends a login, and the connections that use it, at once').argument('<home>').argument('<username>')
    .action((home: string, username: string) => withDatabase(async (db) => {
      await audited(db, nowMs(), 'login-revoked', username, (trx) => revokeCredential(trx, home, username, nowMs()));
      say(`Login ${username} is revoked.`);
    }));
}

async function audited(db: Database, nowMs: number, what: string, subject: string, act: (trx: Executor) => Promise<unknown>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await act(trx);
    await recordAudit(trx, { who: WHO, what, subject }, nowMs);
  });
}
