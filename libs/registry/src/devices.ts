import type { Transaction } from 'kysely';
import { atomically, nextChange, type Executor, type Schema } from '#libs/database';
import { checkedChoice, checkedId, checkedTime, optionalText } from './checks.js';
import { lockHome } from './homes.js';
import { full, invalid, notFound } from './refusal.js';

export const ROOMS = ['hallway', 'lounge', 'kitchen', 'dining', 'bedroom', 'bathroom', 'toilet', 'landing', 'utility', 'garden', 'other'] as const;
export type Room = (typeof ROOMS)[number];

export const USES = [
  'movement', 'exterior-door', 'interior-door', 'fridge', 'cupboard', 'cooker', 'appliance', 'bed', 'chair', 'climate', 'alarm', 'wearable', 'vital-signs', 'medication', 'other',
] as const;
export type Use = (typeof USES)[number];

export interface DeviceInput {
  /** A pseudonym, unique within the home. */
  id: string;
  model?: string | null;
  room: Room;
  /** The room's name where `room` is `other`; allowed elsewhere, such as for a second bedroom. */
  roomName?: string | null;
  use: Use;
  /** What it measures: kinds of the contract, or other names of the same form. */
  kinds: readonly string[];
  /** To whom it belongs (bed, wearable, cuff); a registered resident of the home. */
  resident?: string | null;
}

/** One version of a device: it holds from `effectiveFromMs` until the next one. */
export interface Device {
  home: string;
  id: string;
  effectiveFromMs: number;
  model: string | null;
  room: Room;
  roomName: string | null;
  use: Use;
  kinds: string[];
  resident: string | null;
  retired: boolean;
}

type DeviceRow = Schema['devices'];

const KIND_NAME = /^[a-z][a-z0-9_]{0,63}$/;
const KINDS_MAX = 64;
const DEVICES_MAX = 1_000;
const VERSIONS_MAX = 1_000;

/**
 * Registers a device. Its first version holds from the beginning of time, so what it sent before
 * somebody got round to registering it is understood; a later registration with other content
 * (moved to another room) holds from `nowMs` on. The same again changes nothing.
 * @throws CodedError HW-INVALID, HW-NOT-FOUND, HW-LIMIT
 */
export async function registerDevice(db: Executor, home: string, input: DeviceInput, nowMs: number): Promise<Device> {
  const device = checkedDevice(home, input);
  const fromMs = checkedTime('nowMs', nowMs);
  return atomically(db, async (trx) => {
    await lockHome(trx, home);
    await checkResident(trx, device);
    const versions = await versionsOf(trx, home, device.id);
    const current = versions.at(-1);
    if (current && sameContent(current, device)) return current;
    if (!current) await checkRoom(trx, home);
    return addVersion(trx, device, versions, current ? fromMs : 0);
  });
}

/**
 * From `nowMs` on the device is no longer expected to report. Twice is fine.
 * @throws CodedError HW-NOT-FOUND, HW-LIMIT
 */
export async function retireDevice(db: Executor, home: string, id: string, nowMs: number): Promise<void> {
  const fromMs = checkedTime('nowMs', nowMs);
  await atomically(db, async (trx) => {
    await lockHome(trx, home);
    const versions = await versionsOf(trx, home, checkedId('device', id));
    const current = versions.at(-1);
    if (!current) throw notFound('device', id);
    if (!current.retired) await addVersion(trx, { ...current, retired: true }, versions, fromMs);
  });
}

/** The devices as they are at `atMs`, by id; retired ones only if asked for. */
export async function listDevices(db: Executor, home: string, atMs: number, { retired = false }: { retired?: boolean } = {}): Promise<Device[]> {
  const rows = await db.selectFrom('devices').selectAll()
    .where('home', '=', checkedId('home', home)).where('effectiveFromMs', '<=', atMs).orderBy('id').orderBy('effectiveFromMs').execute();
  const current = new Map(rows.map((row) => [row.id, deviceOf(row)])); // The last of each id stays.
  return [...current.values()].filter((device) => retired || !device.retired);
}

/** Every version of the devices of these homes, by home, id and time. */
export async function listDeviceVersions(db: Executor, homes: readonly string[]): Promise<Device[]> {
  if (homes.length === 0) return [];
  const rows = await db.selectFrom('devices').selectAll().where('home', 'in', homes).orderBy('home').orderBy('id').orderBy('effectiveFromMs').execute();
  return rows.map(deviceOf);
}

function checkedDevice(home: string, input: DeviceInput): Device {
  const device: Device = {
    home: checkedId('home', home),
    id: checkedId('id', input.id),
    effectiveFromMs: 0,
    model: optionalText('model', input.model, { max: 200 }),
    room: checkedChoice('room', input.room, ROOMS),
    roomName: optionalText('name', input.roomName, { max: 100 }),
    use: checkedChoice('use', input.use, USES),
    kinds: checkedKinds(input.kinds),
    resident: input.resident === undefined || input.resident === null ? null : checkedId('resident', input.resident),
    retired: false,
  };
  if (device.room === 'other' && device.roomName === null) throw invalid('name', 'is missing: a room that is none of the list needs one');
  return device;
}

function checkedKinds(kinds: unknown): string[] {
  if (!Array.isArray(kinds) || kinds.length === 0 || kinds.length > KINDS_MAX) throw invalid('kinds', `is not a list of 1 to ${KINDS_MAX} kinds`);
  const names = kinds.map((kind: unknown) => {
    if (typeof kind !== 'string' || !KIND_NAME.test(kind)) throw invalid('kinds', 'holds something that is not the name of a kind');
    return kind;
  });
  return [...new Set(names)].sort();
}

async function checkResident(trx: Transaction<Schema>, { home, resident }: Device): Promise<void> {
  if (resident === null) return;
  const row = await trx.selectFrom('residents').select('id').where('home', '=', home).where('id', '=', resident).executeTakeFirst();
  if (!row) throw invalid('resident', 'is not registered in this home');
}

/** Retired devices count too: their versions are kept. */
async function checkRoom(trx: Transaction<Schema>, home: string): Promise<void> {
  const { devices } = await trx.selectFrom('devices').select((eb) => eb.fn.count<number>('id').distinct().as('devices')).where('home', '=', home).executeTakeFirstOrThrow();
  if (devices >= DEVICES_MAX) throw full('devices', DEVICES_MAX);
}

/** Two changes in one millisecond, or a clock that was set back, still give versions in their order. */
async function addVersion(trx: Transaction<Schema>, device: Device, versions: Device[], fromMs: number): Promise<Device> {
  if (versions.length >= VERSIONS_MAX) throw full('versions of one device', VERSIONS_MAX);
  const last = versions.at(-1);
  const version = { ...device, effectiveFromMs: last ? Math.max(fromMs, last.effectiveFromMs + 1) : fromMs };
  await trx.insertInto('devices').values(rowOf(version)).execute();
  await nextChange(trx, 'registry');
  return version;
}

async function versionsOf(trx: Transaction<Schema>, home: string, id: string): Promise<Device[]> {
  const rows = await trx.selectFrom('devices').selectAll().where('home', '=', home).where('id', '=', id).orderBy('effectiveFromMs').execute();
  return rows.map(deviceOf);
}

function sameContent(a: Device, b: Device): boolean {
  return JSON.stringify(rowOf({ ...a, effectiveFromMs: 0 })) === JSON.stringify(rowOf({ ...b, effectiveFromMs: 0 }));
}

function rowOf({ home, id, effectiveFromMs, model, room, roomName, use, kinds, resident, retired }: Device): DeviceRow {
  return { home, id, effectiveFromMs, model, room, roomName, use, kindsJson: JSON.stringify(kinds), resident, retired: retired ? 1 : 0 };
}

function deviceOf({ kindsJson, retired, room, use, ...row }: DeviceRow): Device {
  return { ...row, room: room as Room, use: use as Use, kinds: JSON.parse(kindsJson) as string[], retired: retired === 1 };
}
