import type { Kysely } from 'kysely';
import { addTable } from './portable.js';

/** Which way round contacts and pads are wired, and whether a device was seen to work when it was fitted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await addTable(db, 'wiring', ['home', 'device', 'kind', 'effectiveFromMs'], {
    home: 'text', device: 'text', kind: 'text', effectiveFromMs: 'bigint', inverted: 'smallint', setBy: 'text',
  });
  await addTable(db, 'deviceChecks', ['home', 'device'], {
    home: 'text', device: 'text', askedMs: 'bigint', askedBy: 'text', confirmedMs: 'bigint?', seenKind: 'text?', seenValueJson: 'text?', seenAtMs: 'bigint?',
  });
}
