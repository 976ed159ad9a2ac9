import { PostgresAdapter, sql, type Kysely, type RawBuilder } from 'kysely';

/** A type that ends in `?` is nullable. */
type Column = 'text' | 'bigint' | 'smallint' | 'double precision';
type ColumnOrNull = Column | `${Column}?`;

/** Text sorts by its bytes on both engines, whatever language the PostgreSQL server was set up for. */
function typeOf(db: Kysely<unknown>, column: ColumnOrNull): { type: Column | RawBuilder<unknown>; nullable: boolean } {
  const nullable = column.endsWith('?');
  const plain = (nullable ? column.slice(0, -1) : column) as Column;
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
  return { nullable, type: plain === 'text' && postgres ? sql`text collate "C"` : plain };
}

/** Adds nullable columns to a table that may have rows. */
export async function addColumns(db: Kysely<unknown>, table: string, columns: Record<string, `${Column}?`>): Promise<void> {
  for (const [name, column] of Object.entries(columns)) await db.schema.alterTable(table).addColumn(name, typeOf(db, column).type).execute();
}

/** Makes a table; `key` names the columns of its primary key. */
export async function addTable(db: Kysely<unknown>, name: string, key: string[], columns: Record<string, ColumnOrNull>): Promise<void> {
  let create = db.schema.createTable(name);
  for (const [column, declared] of Object.entries(columns)) {
    const { type, nullable } = typeOf(db, declared);
    create = create.addColumn(column, type, (definition) => (nullable ? definition : definition.notNull()));
  }
  await create.addPrimaryKeyConstraint(`${name}Key`, key as never).execute();
}
