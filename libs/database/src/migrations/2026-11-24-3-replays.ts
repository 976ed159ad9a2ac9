import type { Kysely } from 'kysely';
import { addTable } from './portable.js';

/** What was in quarantine and is to be read again, and what became of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await addTable(db, 'quarantineReplays', ['key'], {
    key: 'text', requestedMs: 'bigint', requestedBy: 'text', detectionMs: 'bigint?', seriesMs: 'bigint?', readable: 'smallint?', outcome: 'text?',
  });
  await db.schema.createIndex('quarantineReplaysByDetectionMs').on('quarantineReplays').column('detectionMs').execute();
  await db.schema.createIndex('quarantineReplaysBySeriesMs').on('quarantineReplays').column('seriesMs').execute();
}
