import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lastChange, type Database } from '#libs/database';
import { days } from '#libs/runtime';
import { onEveryDatabase } from '../../../test/harness/databases.js';
import {
  addContact, addContext, changeHomeKind, createCredential, endContext, getHome, listContacts, listContexts, listDevices, listHomes, listResidents, listRules, loadFactsOfHomes, loadHomeFacts,
  registerDevice, registerHome, registerResident, removeContact, retireDevice, setRule, updateHomeAccess, type DeviceInput, type HomeInput, type HomeKind,
} from './index.js';

const NOW = Date.UTC(2026, 10, 22, 9);
const hall: DeviceInput = { id: 'pir-hall', model: 'RTCGQ11LM', room: 'hallway', use: 'movement', kinds: ['motion', 'battery'] };
const consent = { basis: 'consent', decidedBy: 'the resident', reviewOn: '2027-05-01' } as const;
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

let homes = 0;
/** A home that no other test uses. */
const newHome = async (db: Database, kind: HomeKind = 'single'): Promise<string> => {
  homes += 1;
  return (await registerHome(db, { id: `h${homes}`, timeZone: 'Europe/London', kind }, NOW)).id;
};

onEveryDatabase((engine) => {
  let db: Database;
  let other: Database;
  beforeAll(async () => {
    const fresh = await engine.fresh();
    db = await fresh.open();
    other = await fresh.open();
  });

  describe('homes', () => {
    test('a home is kept as it was given, without the white space around it', async () => {
      const home = await registerHome(db, { id: 'kept', timeZone: 'europe/london', address: ' 1 Example Road \r\nExampleton ', hazards: '  ' }, NOW);
      expect(home).toEqual({ id: 'kept', timeZone: 'Europe/London', kind: 'single', address: '1 Example Road \nExampleton', phone: null, keySafe: null, hazards: null, accessNotes: null, createdMs: NOW });
      expect(await getHome(db, 'kept')).toEqual(home);
    });

    test('the same home again changes nothing; with other content it is refused', async () => {
      const home = await newHome(db);
      const before = await lastChange(db, 'registry');
      expect(await registerHome(db, { id: home, timeZone: 'Europe/London' }, NOW + 5)).toMatchObject({ createdMs: NOW });
      expect(await lastChange(db, 'registry')).toBe(before);
      await expect(registerHome(db, { id: home, timeZone: 'Europe/Paris' }, NOW)).rejects.toEqual(code('HW-EXISTS'));
    });

    test.each<[string, Partial<Record<keyof HomeInput, unknown>>]>([
      ['id', { id: 'two words' }], ['id', { id: '' }], ['id', { id: 'x'.repeat(65) }], ['id', { id: 7 }],
      ['timeZone', { timeZone: 'Mars/Olympus' }], ['timeZone', { timeZone: '+01:00' }], ['timeZone', { timeZone: '' }], ['timeZone', { timeZone: undefined }],
      ['kind', { kind: 'castle' }], ['address', { address: 'x'.repeat(501) }], ['address', { address: 'a\u0000b' }], ['phone', { phone: 'none' }], ['keySafe', { keySafe: 4711 }],
    ])('a home with a wrong %s is refused, and the refusal does not repeat it: %j', async (field, wrong) => {
      const refused = registerHome(db, { id: 'refused', timeZone: 'Europe/London', ...wrong } as HomeInput, NOW);
      await expect(refused).rejects.toMatchObject({ code: 'HW-INVALID', message: expect.stringMatching(new RegExp(`^${field}: `)) });
      await expect(getHome(db, 'refused')).rejects.toEqual(code('HW-NOT-FOUND'));
    });

    test('what somebody at the door needs can be changed a field at a time', async () => {
      const home = await newHome(db);
      const before = await lastChange(db, 'registry');
      await updateHomeAccess(db, home, { phone: '020 7946 0000', keySafe: 'left of the door' });
      await updateHomeAccess(db, home, { keySafe: null, hazards: 'dog' });
      expect(await getHome(db, home)).toMatchObject({ phone: '020 7946 0000', keySafe: null, hazards: 'dog' });
      expect(await lastChange(db, 'registry')).toBe(before + 2);
      await expect(updateHomeAccess(db, 'nowhere', {})).rejects.toEqual(code('HW-NOT-FOUND'));
    });

    test('homes are listed by id, a page at a time, each once', async () => {
      const own = await (await engine.fresh()).open();
      const ids = ['B', 'a', '_x', '-y', 'Z9', '10', '9', 'b'];
      for (const id of ids) await registerHome(own, { id, timeZone: 'UTC' }, NOW);
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await listHomes(own, { limit: 3, ...(after === undefined ? {} : { after }) });
        seen.push(...page.items.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      expect(seen).toEqual(ids.sort()); // By bytes, on both engines.
    });
  });

  describe('residents', () => {
    test('a home becomes what its residents make it, and registering it again as before is still the same', async () => {
      const home = await newHome(db);
      const kinds: HomeKind[] = [];
      for (const id of ['r1', 'r2', 'r3']) {
        await registerResident(db, home, { id, ...consent }, NOW);
        kinds.push((await getHome(db, home)).kind);
      }
      expect(kinds).toEqual(['single', 'couple', 'care-home']);
      const { timeZone } = await getHome(db, home);
      expect((await registerHome(db, { id: home, timeZone }, NOW)).kind).toBe('care-home');
      await expect(changeHomeKind(db, home, 'couple')).rejects.toEqual(code('HW-INVALID'));
    });

    test('two who are registered at once both live there', async () => {
      const home = await newHome(db);
      await Promise.all([db, other].map((connection, i) => registerResident(connection, home, { id: `r${i}`, ...consent }, NOW)));
      expect(await listResidents(db, home)).toHaveLength(2);
      expect((await getHome(db, home)).kind).toBe('couple');
    });

    test.each([
      ['basis', { basis: 'hearsay' }], ['basis', { basis: undefined }], ['decidedBy', { decidedBy: ' ' }],
      ['reviewOn', { reviewOn: '2027-02-30' }], ['reviewOn', { reviewOn: 'soon' }], ['reviewOn', { reviewOn: '1.5.2027' }],
    ])('nobody is monitored without a %s: %j', async (field, wrong) => {
      const home = await newHome(db);
      await expect(registerResident(db, home, { id: 'r1', ...consent, ...wrong } as never, NOW)).rejects.toMatchObject({ code: 'HW-INVALID', message: expect.stringContaining(field) });
    });

    test('a name that is wrong is not repeated in the refusal', async () => {
      const home = await newHome(db);
      await expect(registerResident(db, home, { id: 'r1', name: `Example\u0007Person`, ...consent }, NOW)).rejects.toMatchObject({ message: expect.not.stringContaining('Example') });
    });

    test('the same again changes nothing, other content is refused, an unknown home too', async () => {
      const home = await newHome(db);
      await registerResident(db, home, { id: 'r1', ...consent }, NOW);
      expect(await registerResident(db, home, { id: 'r1', ...consent }, NOW + 1)).toMatchObject({ createdMs: NOW });
      await expect(registerResident(db, home, { id: 'r1', ...consent, basis: 'attorney' }, NOW)).rejects.toEqual(code('HW-EXISTS'));
      await expect(registerResident(db, 'nowhere', { id: 'r1', ...consent }, NOW)).rejects.toEqual(code('HW-NOT-FOUND'));
    });
  });

  describe('contacts', () => {
    test('who is told first comes first; the same person twice is one', async () => {
      const home = await newHome(db);
      const second = await addContact(db, home, { name: 'Second', role: 'family', email: 'second@example.org' }, NOW);
      await addContact(db, home, { name: 'Third', role: 'responder', phone: '020 7946 0000' }, NOW);
      await addContact(db, home, { name: 'First', role: 'family', email: 'first@example.org', position: 1 }, NOW);
      expect(await addContact(db, home, { name: ' Second', role: 'family', email: 'second@example.org' }, NOW + 1)).toEqual(second);
      const listed = await listContacts(db, home);
      expect(listed.map(({ name, position }) => `${position} ${name}`)).toEqual(['1 Second', '1 First', '2 Third']);
      await removeContact(db, home, second.id);
      await expect(removeContact(db, home, second.id)).rejects.toEqual(code('HW-NOT-FOUND'));
      expect((await listContacts(db, home)).map(({ name }) => name)).toEqual(['First', 'Third']);
    });

    test.each([
      ['email', { email: 'nobody' }], ['email', { email: 'a@b\nBcc: c@d' }], ['email', { email: 'a b@example.org' }], ['role', { role: 'neighbour' }],
      ['position', { position: 0 }], ['position', { position: 1.5 }], ['name', { name: '' }], ['phone', { phone: 'ring twice' }],
    ])('a wrong %s is refused: %j', async (field, wrong) => {
      const home = await newHome(db);
      await expect(addContact(db, home, { name: 'N', role: 'family', ...wrong } as never, NOW)).rejects.toMatchObject({ code: 'HW-INVALID', message: expect.stringMatching(new RegExp(`^${field}: `)) });
    });
  });

  describe('contexts', () => {
    const hospital = { kind: 'hospital', fromMs: NOW, untilMs: NOW + days(3), createdBy: 'admin' } as const;

    test('a context holds from its beginning up to its end, which it always has', async () => {
      const home = await newHome(db);
      const context = await addContext(db, home, hospital, NOW);
      expect(await addContext(db, home, hospital, NOW + 1)).toEqual(context);
      expect(await listContexts(db, home, NOW - 1)).toEqual([]);
      expect(await listContexts(db, home, NOW)).toEqual([context]);
      expect(await listContexts(db, home, NOW + days(3))).toEqual([]);
      for (const untilMs of [NOW, NOW - 1, NOW + days(367), Number.NaN, undefined]) {
        await expect(addContext(db, home, { ...hospital, untilMs } as never, NOW)).rejects.toEqual(code('HW-INVALID'));
      }
    });

    test('home early: it ends now; one that has not begun is dropped; one that is over stays', async () => {
      const home = await newHome(db);
      const now = await addContext(db, home, hospital, NOW);
      const later = await addContext(db, home, { ...hospital, kind: 'visit', fromMs: NOW + days(7), untilMs: NOW + days(8) }, NOW);
      const over = await addContext(db, home, { ...hospital, kind: 'away', fromMs: NOW - days(2), untilMs: NOW - days(1) }, NOW);
      for (const { id } of [now, later, over]) await endContext(db, home, id, NOW + days(1));
      expect((await listContexts(db, home)).map(({ kind, untilMs }) => [kind, untilMs])).toEqual([['away', NOW - days(1)], ['hospital', NOW + days(1)]]);
    });
  });

  describe('devices', () => {
    test('the first version holds from the beginning of time, the next from when it was made', async () => {
      const home = await newHome(db);
      await registerDevice(db, home, hall, NOW);
      expect(await listDevices(db, home, 0)).toEqual([
        { home, id: 'pir-hall', effectiveFromMs: 0, model: 'RTCGQ11LM', room: 'hallway', roomName: null, use: 'movement', kinds: ['battery', 'motion'], resident: null, retired: false },
      ]);
      await registerDevice(db, home, { ...hall, kinds: ['motion', 'battery', 'motion'] }, NOW + 1_000); // The same.
      await registerDevice(db, home, { ...hall, room: 'landing' }, NOW + 2_000);
      await retireDevice(db, home, 'pir-hall', NOW + 3_000);
      await retireDevice(db, home, 'pir-hall', NOW + 4_000);
      await registerDevice(db, home, { ...hall, room: 'landing' }, NOW + 5_000);
      const rooms = async (atMs: number): Promise<string[]> => (await listDevices(db, home, atMs)).map(({ room }) => room);
      expect([await rooms(NOW + 1_999), await rooms(NOW + 2_000), await rooms(NOW + 3_000), await rooms(NOW + 5_000)]).toEqual([['hallway'], ['landing'], [], ['landing']]);
      expect(await listDevices(db, home, NOW + 3_000, { retired: true })).toMatchObject([{ retired: true }]);
      expect((await loadHomeFacts(db, home)).devices.map(({ effectiveFromMs }) => effectiveFromMs)).toEqual([0, NOW + 2_000, NOW + 3_000, NOW + 5_000]);
    });

    test.each([
      ['id', { id: 'a/b' }], ['room', { room: 'cellar' }], ['use', { use: 'spying' }], ['kinds', { kinds: [] }], ['kinds', { kinds: 'motion' }], ['kinds', { kinds: ['Motion!'] }],
      ['kinds', { kinds: Array.from({ length: 65 }, (_, i) => `k${i}`) }], ['name', { room: 'other' }], ['resident', { resident: 'r9' }],
    ])('a device with a wrong %s is refused: %j', async (field, wrong) => {
      const home = await newHome(db);
      await expect(registerDevice(db, home, { ...hall, ...wrong } as never, NOW)).rejects.toMatchObject({ code: 'HW-INVALID', message: expect.stringMatching(new RegExp(`^${field}: `)) });
      expect(await listDevices(db, home, NOW)).toEqual([]);
    });

    test('nothing is registered in, or retired from, a home that nobody registered', async () => {
      await expect(registerDevice(db, 'nowhere', hall, NOW)).rejects.toEqual(code('HW-NOT-FOUND'));
      await expect(retireDevice(db, await newHome(db), 'no-such', NOW)).rejects.toEqual(code('HW-NOT-FOUND'));
    });

    test('of registrations at once, the same ones make one version and different ones an order', async () => {
      const room = fc.constantFrom('hallway', 'landing', 'lounge');
      await fc.assert(fc.asyncProperty(fc.array(room, { minLength: 2, maxLength: 6 }), async (rooms) => {
        const home = await newHome(db);
        const before = await lastChange(db, 'registry');
        await Promise.all(rooms.map((name, i) => registerDevice(i % 2 ? other : db, home, { ...hall, room: name }, NOW)));
        const versions = (await loadHomeFacts(db, home)).devices;
        expect(versions[0]?.effectiveFromMs).toBe(0);
        expect(new Set(versions.map(({ effectiveFromMs }) => effectiveFromMs)).size).toBe(versions.length);
        for (const [i, version] of versions.entries()) expect(version.room).not.toBe(versions[i - 1]?.room);
        expect(new Set(versions.map((version) => version.room))).toEqual(new Set(rooms));
        expect(await lastChange(db, 'registry')).toBe(before + versions.length);
      }), { numRuns: 15 });
    });

    test('at any time the version holds that was the newest then, whatever the clock did', async () => {
      const step = fc.record({ room: fc.constantFrom('hallway', 'landing', 'lounge'), byMs: fc.integer({ min: -3, max: 5 }) });
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const home = await newHome(db);
        let nowMs = NOW;
        const expected: { fromMs: number; room: string }[] = [];
        for (const { room, byMs } of steps) {
          nowMs += byMs;
          await registerDevice(db, home, { ...hall, room }, nowMs);
          const last = expected.at(-1);
          if (!last) expected.push({ fromMs: 0, room });
          else if (last.room !== room) expected.push({ fromMs: Math.max(nowMs, last.fromMs + 1), room });
        }
        for (let atMs = NOW - 10; atMs <= (expected.at(-1)?.fromMs ?? NOW) + 1 && atMs < NOW + 100; atMs += 1) {
          expect((await listDevices(db, home, atMs))[0]?.room).toBe(expected.findLast(({ fromMs }) => fromMs <= atMs)?.room);
        }
      }), { numRuns: 10 });
    });
  });

  describe('rules', () => {
    test('a setting is a version from now on; what holds already makes none', async () => {
      const home = await newHome(db);
      const setting = { enabled: true, parameters: { systolicMax: 160, strict: false }, setBy: 'admin' };
      await setRule(db, home, 'blood-pressure', setting, NOW);
      await setRule(db, home, 'blood-pressure', { ...setting, parameters: { strict: false, systolicMax: 160 }, setBy: 'other' }, NOW + 1);
      await setRule(db, home, 'blood-pressure', { ...setting, enabled: false }, NOW + 2);
      expect(await listRules(db, home, NOW - 1)).toEqual([]);
      expect(await listRules(db, home, NOW + 1)).toEqual([{ home, rule: 'blood-pressure', effectiveFromMs: NOW, ...setting }]);
      expect(await listRules(db, home, NOW + 2)).toMatchObject([{ enabled: false }]);
    });

    test('what is no number, flag or text is no parameter', async () => {
      const home = await newHome(db);
      for (const parameters of [{ a: Number.NaN }, { a: null }, { a: [1] }, { 'a b': 1 }, [], 'x', Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`p${i}`, i]))]) {
        await expect(setRule(db, home, 'cold-home', { enabled: true, parameters: parameters as never, setBy: 'admin' }, NOW)).rejects.toEqual(code('HW-INVALID'));
      }
    });
  });

  test('whatever several staff do to two homes at once, everything is done, and every change is counted once', async () => {
    const deeds = {
      device: (on: Database, home: string, i: number) => registerDevice(on, home, { ...hall, id: `d${i}` }, NOW),
      contact: (on: Database, home: string, i: number) => addContact(on, home, { name: `Contact ${i}`, role: 'family' }, NOW),
      context: (on: Database, home: string, i: number) => addContext(on, home, { kind: 'visit', fromMs: NOW + i, untilMs: NOW + i + 1, createdBy: 'admin' }, NOW),
      rule: (on: Database, home: string, i: number) => setRule(on, home, `rule-${i}`, { enabled: true, parameters: {}, setBy: 'admin' }, NOW),
      login: (on: Database, home: string) => createCredential(on, home, NOW),
    };
    const deed = fc.record({ what: fc.constantFrom(...Object.keys(deeds) as (keyof typeof deeds)[]), first: fc.boolean(), here: fc.boolean() });
    await fc.assert(fc.asyncProperty(fc.array(deed, { minLength: 2, maxLength: 16 }), async (list) => {
      const both = [await newHome(db), await newHome(db)] as const;
      const counted = async (): Promise<number> => await lastChange(db, 'registry') + await lastChange(db, 'credentials');
      const before = await counted();
      await Promise.all(list.map(({ what, first, here }, i) => deeds[what](here ? db : other, both[first ? 0 : 1], i)));
      expect(await counted()).toBe(before + list.length);
      const positions = (await listContacts(db, both[0])).map(({ position }) => position);
      expect(positions).toEqual(positions.map((_, i) => i + 1)); // No two were given the same.
    }), { numRuns: 15 });
  });

  test('detection gets all of a home with its times, and nothing of its people', async () => {
    const home = await newHome(db);
    await registerResident(db, home, { id: 'r1', name: 'Example Person', ...consent }, NOW);
    await addContact(db, home, { name: 'Example Relative', role: 'family' }, NOW);
    await addContext(db, home, { kind: 'visit', fromMs: NOW, untilMs: NOW + 1, createdBy: 'Example Clerk' }, NOW);
    await registerDevice(db, home, { ...hall, id: 'bed', room: 'bedroom', use: 'bed', kinds: ['bed_occupied'], resident: 'r1' }, NOW);
    await setRule(db, home, 'cold-home', { enabled: true, parameters: { belowC: 16 }, setBy: 'Example Clerk' }, NOW);
    const facts = {
      home, timeZone: 'Europe/London', residents: [{ id: 'r1' }],
      devices: [{ id: 'bed', effectiveFromMs: 0, room: 'bedroom', use: 'bed', kinds: ['bed_occupied'], resident: 'r1', retired: false }],
      contexts: [{ kind: 'visit', fromMs: NOW, untilMs: NOW + 1 }],
      rules: [{ rule: 'cold-home', effectiveFromMs: NOW, enabled: true, parameters: { belowC: 16 } }],
    };
    expect(await loadHomeFacts(db, home)).toEqual(facts);
    expect(JSON.stringify(await loadHomeFacts(db, home))).not.toContain('Example');
    expect(await loadHomeFacts(db, 'nowhere')).toEqual({ home: 'nowhere', timeZone: 'UTC', residents: [], devices: [], contexts: [], rules: [] });
    expect((await loadFactsOfHomes(db, ['nowhere', home])).get(home)).toEqual(facts);
  });
});
