import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import type { Database } from '#libs/database';
import { ensureFirstAdministrator, listAudit, signIn, SignInThrottle, verifyApiToken } from '#libs/identity';
import { keepInQuarantine } from '#libs/quarantine';
import { listDevices, verifyCredential } from '#libs/registry';
import { onEveryDatabase } from '../../../../test/harness/databases.js';
import { adminCommand } from './admin.js';

const DOCUMENT = join(import.meta.dirname, '../../../../docs/operators/administration.md');
const NOW = Date.UTC(2026, 10, 22, 9);

onEveryDatabase((engine) => {
  let db: Database;
  beforeAll(async () => { db = await (await engine.fresh()).open(); });

  /** What `npm run admin -- …` prints. */
  async function adminOf(database: Database, words: string[]): Promise<string> {
    const said: string[] = [];
    const command = adminCommand({ nowMs: () => NOW, say: (text) => { said.push(text); }, withDatabase: (act) => act(database) });
    await command.parseAsync(words, { from: 'user' });
    return said.join('\n');
  }
  const admin = (...words: string[]): Promise<string> => adminOf(db, words);
  const printed = (text: string, label: string): string => new RegExp(`^${label}: (\\S+)$`, 'm').exec(text)![1]!;

  test('a lost password is replaced, and the new one signs in', async () => {
    await ensureFirstAdministrator(db, NOW);
    const password = printed(await admin('password', 'admin'), 'New password of admin');
    expect(await signIn(db, 'admin', password, NOW, { throttle: new SignInThrottle() })).toMatchObject({ username: 'admin' });
    await expect(admin('password', 'nobody')).rejects.toMatchObject({ code: 'HW-NOT-FOUND' });
  });

  test('users come and go', async () => {
    const password = printed(await admin('user', 'add', 'nurse'), 'Password of nurse');
    await admin('user', 'disable', 'nurse');
    expect(await admin('user', 'list')).toMatch(/^USER +ROLE +SINCE +STATE\nadmin +administrator +2026-11-22 09:00 UTC +active\nnurse +administrator +2026-11-22 09:00 UTC +disabled 2026-11-22 09:00 UTC$/);
    expect(await admin('password', 'nurse')).toContain('admin user enable nurse');
    await admin('user', 'enable', 'nurse');
    expect(await signIn(db, 'nurse', password, NOW, { throttle: new SignInThrottle() })).toBeNull(); // The password has changed meanwhile.
  });

  test('a token that is printed opens until it is revoked', async () => {
    const made = await admin('token', 'create', 'nightly export');
    const [, id, token] = /^Token (\S+): (\S+)$/m.exec(made)!;
    const verify = (): Promise<unknown> => verifyApiToken(db, token!, { bootstrapToken: null, use: 'x' }, NOW);
    expect(await verify()).toMatchObject({ who: 'token/nightly export' });
    expect(await admin('token', 'list')).toContain('nightly export');
    await admin('token', 'revoke', id!);
    expect(await verify()).toBeNull();
    expect(await admin('token', 'list')).toMatch(/revoked 2026-11-22/);
    expect(await admin('token', 'list')).not.toContain(token!.slice(15));
  });

  test('a home with a device and a login is set up by hand', async () => {
    expect(await admin('home', 'list')).toBe('No homes.');
    await admin('home', 'add', 'h1', '--time-zone', 'Europe/London');
    expect(await admin('home', 'list')).toBe('HOME  KIND    TIME ZONE      SINCE\nh1    single  Europe/London  2026-11-22 09:00 UTC');
    expect(await admin('device', 'list', 'h1')).toBe('No devices.');
    await admin('device', 'add', 'h1', 'pir-hall', '--room', 'hallway', '--use', 'movement', '--kinds', 'motion', 'battery');
    await admin('device', 'add', 'h1', 'door', '--room', 'other', '--room-name', 'porch', '--use', 'exterior-door', '--kinds', 'open');
    expect(await admin('device', 'list', 'h1')).toBe([
      'DEVICE    ROOM           USE            KINDS           RESIDENT  MODEL',
      'door      other (porch)  exterior-door  open',
      'pir-hall  hallway        movement       battery motion',
    ].join('\n'));
    await admin('device', 'retire', 'h1', 'door');
    expect(await listDevices(db, 'h1', NOW + 10)).toMatchObject([{ id: 'pir-hall' }]);
    const made = await admin('login', 'create', 'h1');
    const [username, password] = [printed(made, 'Username'), printed(made, 'Password')];
    expect(await verifyCredential(db, username, password, NOW)).toEqual({ home: 'h1', kind: 'hub', username, device: null });
    await admin('login', 'revoke', 'h1', username);
    expect(await verifyCredential(db, username, password, NOW)).toBeNull();
    expect(await admin('login', 'list', 'h1')).toContain('revoked');
  });

  test('what could not be read is listed, and asked to be read again', async () => {
    expect(await admin('quarantine', 'list')).toBe('Nothing.');
    await keepInQuarantine(db, [{ key: 'message/7', kind: 'message', home: 'h1', device: 'plug', topic: 'homes/h1/tasmota/x', atMs: NOW, code: 'HW-DECODE-FAMILY', reason: 'no decoder yet', payload: Buffer.from('{}') }]);
    expect(await admin('quarantine', 'replay', '--home', 'h2')).toMatch(/^0 to be read again/);
    expect(await admin('quarantine', 'replay', '--code', 'HW-DECODE-FAMILY')).toMatch(/^1 to be read again/);
    expect(await admin('quarantine', 'list', '--home', 'h1')).toMatch(/message\/7 .* HW-DECODE-FAMILY +no decoder yet +waits/);
  });

  test('what is wrong is said with the code, and nothing is half done', async () => {
    await expect(admin('home', 'add', 'h2', '--time-zone', 'Mars')).rejects.toMatchObject({ code: 'HW-INVALID' });
    await expect(admin('home', 'add', 'h1', '--time-zone', 'Europe/Paris')).rejects.toMatchObject({ code: 'HW-EXISTS' });
    expect(await admin('home', 'list')).not.toMatch(/h2|Paris/);
    for (const words of [['device', 'list', 'h9'], ['login', 'list', 'h9'], ['login', 'create', 'h9'], ['login', 'revoke', 'h1', 'x'], ['token', 'revoke', 'x']]) {
      await expect(admin(...words)).rejects.toMatchObject({ code: 'HW-NOT-FOUND' });
    }
  });

  test('all of it is in the audit trail', async () => {
    const done = (await listAudit(db, { limit: 100 })).items.filter(({ who }) => who === 'command-line').map(({ what }) => what);
    expect(new Set(done)).toEqual(new Set([
      'password-set', 'user-created', 'user-disabled', 'user-enabled', 'token-created', 'token-revoked', 'home-registered', 'device-registered', 'device-retired', 'login-created', 'login-revoked', 'quarantine-replayed',
    ]));
  });

  test('the commands of the document run one after the other', async () => {
    const own = await (await engine.fresh()).open();
    await ensureFirstAdministrator(own, NOW);
    const lines = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^npm run admin -- (.+)$/gm)].map(([, line]) => line!);
    expect(lines.length).toBeGreaterThan(15);
    const known = new Map<string, string>();
    for (const line of lines) {
      const words = line.match(/"[^"]*"|\S+/g)!.map((word) => known.get(word) ?? word.replaceAll('"', ''));
      const said = await adminOf(own, words);
      expect(said).not.toBe('');
      known.set('<id>', /^Token (\S+):/m.exec(said)?.[1] ?? known.get('<id>') ?? '');
      known.set('<username>', /^Username: (\S+)/m.exec(said)?.[1] ?? known.get('<username>') ?? '');
    }
  });
});
