import { atomically, type Executor } from '#libs/database';
import { checkedId, checkedTime } from './checks.js';
import { lockHome } from './homes.js';

/** What a device told when somebody stood beside it. */
export interface SeenReading {
  kind: string;
  value: number | boolean | string;
  /** When it was received. */
  atMs: number;
}

/** Somebody asked for a device to be pressed or walked past, and whether it was then heard. The newest question of each device. */
export interface DeviceCheck {
  home: string;
  device: string;
  askedMs: number;
  askedBy: string;
  confirmedMs: number | null;
  seen: SeenReading | null;
}

/**
 * Begins a check: what the device tells from now on confirms it. A check that was there is replaced.
 * @throws CodedError HW-INVALID, HW-NOT-FOUND
 */
export async function askCheck(db: Executor, home: string, device: string, askedBy: string, nowMs: number): Promise<DeviceCheck> {
  const check = { home: checkedId('home', home), device: checkedId('device', device), askedMs: checkedTime('nowMs', nowMs), askedBy };
  return atomically(db, async (trx) => {
    await lockHome(trx, home);
    const empty = { confirmedMs: null, seenKind: null, seenValueJson: null, seenAtMs: null };
    const { home: _home, device: _device, ...asked } = check;
    await trx.insertInto('deviceChecks').values({ ...check, ...empty })
      .onConflict((conflict) => conflict.columns(['home', 'device']).doUpdateSet({ ...asked, ...empty })).execute();
    return { ...check, confirmedMs: null, seen: null };
  });
}

/** Confirms the check that was asked at `askedMs`; a newer question, or one confirmed already, is left alone. */
export async function confirmCheck(db: Executor, { home, device, askedMs }: DeviceCheck, seen: SeenReading, nowMs: number): Promise<void> {
  await db.updateTable('deviceChecks')
    .set({ confirmedMs: checkedTime('nowMs', nowMs), seenKind: seen.kind, seenValueJson: JSON.stringify(seen.value), seenAtMs: seen.atMs })
    .where('home', '=', home).where('device', '=', device).where('askedMs', '=', askedMs).where('confirmedMs', 'is', null).execute();
}

/** The newest check of each device of a home. */
export async function listChecks(db: Executor, home: string): Promise<DeviceCheck[]> {
  const rows = await db.selectFrom('deviceChecks').selectAll().where('home', '=', checkedId('home', home)).orderBy('device').execute();
  return rows.map(({ seenKind, seenValueJson, seenAtMs, ...row }) => ({
    ...row, seen: seenKind === null || seenValueJson === null || seenAtMs === null ? null : { kind: seenKind, value: JSON.parse(seenValueJson) as SeenReading['value'], atMs: seenAtMs },
  }));
}
