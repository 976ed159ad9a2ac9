import type { Kysely } from 'kysely';
import { addTable } from './portable.js';

/** When each kind of a device was last heard as a test. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await addTable(db, 'deviceTests', ['home', 'device', 'kind'], { home: 'text', device: 'text', kind: 'text', lastMs: 'bigint' });
}
