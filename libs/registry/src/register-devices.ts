import { atomically, type Executor } from '#libs/database';
import { CodedError } from '#libs/runtime';
import { registerDevice, type DeviceInput } from './devices.js';

/** Why one of several devices is not acceptable; `index` counts from 0. */
export interface DeviceFault {
  index: number;
  problem: string;
}

/** Leaves the transaction without a trace; never seen outside. */
class Undone extends Error {}

/**
 * Registers several devices or none: with any fault, or as a dry run, nothing is changed. Every device
 * is checked, as if it were registered alone.
 * @throws CodedError HW-NOT-FOUND for an unknown home.
 */
export async function registerDevices(db: Executor, home: string, inputs: readonly DeviceInput[], { dryRun }: { dryRun: boolean }, nowMs: number): Promise<{ faults: DeviceFault[] }> {
  const faults: DeviceFault[] = [];
  const seen = new Map<string, number>();
  try {
    await atomically(db, async (trx) => {
      for (const [index, input] of inputs.entries()) {
        const before = seen.get(input.id);
        if (before !== undefined) faults.push({ index, problem: 'id: stands in an earlier row already' });
        seen.set(input.id, index);
        const problem = before === undefined ? await problemOf(() => registerDevice(trx, home, input, nowMs)) : undefined;
        if (problem !== undefined) faults.push({ index, problem });
      }
      if (dryRun || faults.length > 0) throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return { faults };
}

/** Checks come before the first statement that could fail, so a transaction goes on after one. */
async function problemOf(register: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await register();
    return undefined;
  } catch (error) {
    if (error instanceof CodedError && (error.code === 'HW-INVALID' || error.code === 'HW-LIMIT')) return error.message;
    throw error;
  }
}
