import type { Kysely } from 'kysely';
import { addTable } from './portable.js';

/** Codes that are typed or read by a hub or a device and answered with a login, once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await addTable(db, 'claims', ['codeHash'], {
    codeHash: 'text', home: 'text', kind: 'text', device: 'text?', createdMs: 'bigint', createdBy: 'text', expiresMs: 'bigint', claimedMs: 'bigint?', username: 'text?',
  });
  await db.schema.createIndex('claimsByHome').on('claims').column('home').execute();
}
