import { PostgresAdapter, sql, type Kysely } from 'kysely';

/** What the decoders of each consumer of the journal remember of a home, as of the consumer's saved position. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = db.getExecutor().adapter instanceof PostgresAdapter ? sql`text collate "C"` : 'text';
  await db.schema.createTable('decoderMemories')
    .addColumn('consumer', text, (column) => column.notNull())
    .addColumn('home', text, (column) => column.notNull())
    .addColumn('memoryJson', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('decoderMemoriesKey', ['consumer', 'home'] as never)
    .execute();
}
