import type { Kysely } from 'kysely';
import { addColumns } from './portable.js';

/** What a hub's bridge says of a device before anybody has heard it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await addColumns(db, 'sightings', { model: 'text?' });
}
