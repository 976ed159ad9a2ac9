import type { Database } from '#libs/database';
import { ago, lasting } from './when.js';

/** So long without a reading from any home is worth a warning. */
const SILENT_AFTER_MS = 15 * 60_000;

/** When the service last heard from any home: an empty list of alerts means little while nothing is heard. */
export async function lastHeard(db: Database, nowMs: number): Promise<{ text: string; silent: boolean }> {
  const { last } = await db.selectFrom('sightings').select((eb) => eb.fn.max('lastMs').as('last')).executeTakeFirstOrThrow();
  if (last === null) return { text: 'No reading has ever been received. Nothing can be noticed until a hub is connected.', silent: true };
  if (nowMs - last < SILENT_AFTER_MS) return { text: `Last reading received ${ago(last, nowMs)}.`, silent: false };
  return { text: `No reading from any home for ${lasting(nowMs - last)}. While nothing is heard, nothing can be noticed: check the hubs, the network and this service.`, silent: true };
}
