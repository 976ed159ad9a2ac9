import type { Kysely } from 'kysely';
import { addColumns } from './portable.js';

/** Logins of single devices, and logins that end by themselves at a time. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await addColumns(db, 'credentials', { device: 'text?', expiresMs: 'bigint?' });
  await db.schema.createIndex('credentialsByExpiresMs').on('credentials').column('expiresMs').execute();
}
