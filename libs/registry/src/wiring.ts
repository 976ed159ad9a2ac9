import { atomically, nextChange, type Executor } from '#libs/database';
import { checkedChoice, checkedId, checkedTime } from './checks.js';
import { lockHome } from './homes.js';
import { full } from './refusal.js';

/** What may be wired the wrong way round: contacts and pads. Never an alarm: a mistake there would be silence. */
export const WIRED_KINDS = ['open', 'bed_occupied', 'chair_occupied', 'presence', 'worn'] as const;
export type WiredKind = (typeof WIRED_KINDS)[number];

/** How a device's state of one kind is wired from a time on. What it tells is turned round while `inverted`. */
export interface Wiring {
  home: string;
  device: string;
  kind: WiredKind;
  effectiveFromMs: number;
  inverted: boolean;
  setBy: string;
}

/**
 * An answer holds a little later than it is given, so that all who decode have heard of it by then and
 * a message is understood alike by all of them, and again after a crash.
 */
export const WIRING_SETTLES_MS = 2_000;
const CHANGES_MAX = 100;

/**
 * Says which way round a device is wired, from `WIRING_SETTLES_MS` after `nowMs` on; what came before keeps its
 * meaning. The same again changes nothing.
 * @throws CodedError HW-INVALID, HW-NOT-FOUND, HW-LIMIT
 */
export async function setWiring(db: Executor, home: string, input: { device: string; kind: string; inverted: boolean; setBy: string }, nowMs: number): Promise<Wiring> {
  const device = checkedId('device', input.device);
  const kind = checkedChoice('kind', input.kind, WIRED_KINDS);
  const fromMs = checkedTime('nowMs', nowMs) + WIRING_SETTLES_MS;
  return atomically(db, async (trx) => {
    await lockHome(trx, home);
    const versions = (await listWiring(trx, home)).filter((one) => one.device === device && one.kind === kind);
    const current = versions.at(-1);
    if (current !== undefined && current.inverted === input.inverted) return current;
    if (versions.length >= CHANGES_MAX) throw full('changes of the wiring of one device', CHANGES_MAX);
    const wiring: Wiring = { home, device, kind, effectiveFromMs: Math.max(fromMs, (current?.effectiveFromMs ?? 0) + 1), inverted: input.inverted, setBy: input.setBy };
    await trx.insertInto('wiring').values({ ...wiring, inverted: wiring.inverted ? 1 : 0 }).execute();
    await nextChange(trx, 'wiring');
    return wiring;
  });
}

/** Every answer about a home's devices, by device, kind and time. */
export async function listWiring(db: Executor, home: string): Promise<Wiring[]> {
  const rows = await db.selectFrom('wiring').selectAll().where('home', '=', checkedId('home', home)).orderBy('device').orderBy('kind').orderBy('effectiveFromMs').execute();
  return rows.map((row) => ({ ...row, kind: row.kind as WiredKind, inverted: row.inverted === 1 }));
}

/** The answers about all homes: most devices are wired as they should be, so there are few. */
export async function listAllWiring(db: Executor): Promise<Wiring[]> {
  const rows = await db.selectFrom('wiring').selectAll().orderBy('home').orderBy('device').orderBy('kind').orderBy('effectiveFromMs').execute();
  return rows.map((row) => ({ ...row, kind: row.kind as WiredKind, inverted: row.inverted === 1 }));
}
