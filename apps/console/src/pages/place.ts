import type { Database } from '#libs/database';
import { getHome, type Home } from '#libs/registry';
import { CodedError } from '#libs/runtime';

/** A home, or for one that nobody registered its id alone: its alarms page all the same. */
export async function placeOf(db: Database, home: string): Promise<Partial<Home> & { id: string }> {
  try {
    return await getHome(db, home);
  } catch (error) {
    if (error instanceof CodedError && (error.code === 'HW-NOT-FOUND' || error.code === 'HW-INVALID')) return { id: home };
    throw error;
  }
}
