import { PostgresAdapter, sql, type Kysely, type RawBuilder } from 'kysely';

type Column = 'text' | 'bigint' | 'smallint' | 'double precision';
type Columns = Record<string, Column | `${Column}?`>;

/** Text sorts by its bytes on both engines, whatever language the PostgreSQL server was set up for. */
function portable(db: Kysely<unknown>, type: Column): Column | RawBuilder<unknown> {
  return type === 'text' && db.getExecutor().adapter instanceof PostgresAdapter ? sql`text collate "C"` : type;
}

/** A column type that ends in `?` is nullable. */
async function table(db: Kysely<unknown>, name: string, key: string[], columns: Columns): Promise<void> {
  let create = db.schema.createTable(name);
  for (const [column, type] of Object.entries(columns)) {
    const nullable = type.endsWith('?');
    const plain = (nullable ? type.slice(0, -1) : type) as Column;
    create = create.addColumn(column, portable(db, plain), (c) => (nullable ? c : c.notNull()));
  }
  await create.addPrimaryKeyConstraint(`${name}Key`, key as never).execute();
}

async function index(db: Kysely<unknown>, on: string, columns: string[], unique = false): Promise<void> {
  const name = `${on}By${columns.map((c) => c.charAt(0).toUpperCase() + c.slice(1)).join('')}`;
  const create = db.schema.createIndex(name).on(on).columns(columns);
  await (unique ? create.unique() : create).execute();
}

async function registryTables(db: Kysely<unknown>): Promise<void> {
  await table(db, 'homes', ['id'], {
    id: 'text', timeZone: 'text', kind: 'text', address: 'text?', phone: 'text?', keySafe: 'text?', hazards: 'text?', accessNotes: 'text?', createdMs: 'bigint',
  });
  await table(db, 'residents', ['home', 'id'], {
    home: 'text', id: 'text', name: 'text?', basis: 'text', decidedBy: 'text', reviewOn: 'text', createdMs: 'bigint',
  });
  await table(db, 'contacts', ['id'], {
    id: 'text', home: 'text', name: 'text', role: 'text', email: 'text?', phone: 'text?', position: 'bigint', createdMs: 'bigint',
  });
  await index(db, 'contacts', ['home']);
  await table(db, 'contexts', ['id'], {
    id: 'text', home: 'text', kind: 'text', fromMs: 'bigint', untilMs: 'bigint', note: 'text?', createdBy: 'text', createdMs: 'bigint',
  });
  await index(db, 'contexts', ['home']);
  await table(db, 'devices', ['home', 'id', 'effectiveFromMs'], {
    home: 'text', id: 'text', effectiveFromMs: 'bigint', model: 'text?', room: 'text', roomName: 'text?', use: 'text', kindsJson: 'text', resident: 'text?', retired: 'smallint',
  });
  await table(db, 'sightings', ['home', 'device'], {
    home: 'text', device: 'text', firstMs: 'bigint', lastMs: 'bigint', kindsJson: 'text', battery: 'double precision?', said: 'text?', missed: 'bigint',
  });
  await table(db, 'ruleSettings', ['home', 'rule', 'effectiveFromMs'], {
    home: 'text', rule: 'text', effectiveFromMs: 'bigint', enabled: 'smallint', parametersJson: 'text', setBy: 'text',
  });
  await table(db, 'credentials', ['username'], {
    username: 'text', home: 'text', kind: 'text', secretHash: 'text', createdMs: 'bigint', revokedMs: 'bigint?',
  });
  await index(db, 'credentials', ['home']);
  await table(db, 'securityEvents', ['id'], {
    id: 'text', atMs: 'bigint', code: 'text', home: 'text?', username: 'text?', detail: 'text',
  });
  await index(db, 'securityEvents', ['atMs']);
}

async function alertTables(db: Kysely<unknown>): Promise<void> {
  await table(db, 'alerts', ['id'], {
    id: 'text', home: 'text', subjectKind: 'text', subject: 'text', rule: 'text', cause: 'text', severity: 'text', status: 'text', openKey: 'text?',
    reason: 'text', familyReason: 'text', fromMs: 'bigint', atMs: 'bigint', clearedMs: 'bigint?', openedMs: 'bigint',
    acknowledgedMs: 'bigint?', acknowledgedBy: 'text?', goingMs: 'bigint?', goingBy: 'text?',
    resolvedMs: 'bigint?', resolvedBy: 'text?', outcome: 'text?', change: 'bigint',
  });
  await index(db, 'alerts', ['openKey'], true);
  await index(db, 'alerts', ['change']);
  await index(db, 'alerts', ['home', 'openedMs']);
  await index(db, 'alerts', ['status', 'openedMs']);
  await table(db, 'findings', ['key'], {
    key: 'text', alertId: 'text', episode: 'text', change: 'text', home: 'text', rule: 'text', ruleVersion: 'bigint', severity: 'text',
    fromMs: 'bigint', atMs: 'bigint', reason: 'text', evidenceJson: 'text', parametersJson: 'text',
  });
  await index(db, 'findings', ['alertId']);
  await index(db, 'findings', ['episode']);
  await table(db, 'alertHistory', ['id'], { id: 'text', alertId: 'text', atMs: 'bigint', what: 'text', who: 'text', note: 'text?' });
  await index(db, 'alertHistory', ['alertId']);
  await table(db, 'outbox', ['id'], {
    id: 'text', key: 'text', alertId: 'text?', home: 'text', channel: 'text', contactId: 'text', occasion: 'text', state: 'text', attempts: 'bigint',
    dueMs: 'bigint', claimedUntilMs: 'bigint?', sentMs: 'bigint?', lastError: 'text?', createdMs: 'bigint',
  });
  await index(db, 'outbox', ['key'], true);
  await index(db, 'outbox', ['state', 'dueMs']);
  await index(db, 'outbox', ['alertId']);
}

async function serviceTables(db: Kysely<unknown>): Promise<void> {
  await table(db, 'changes', ['subject'], { subject: 'text', number: 'bigint' });
  await table(db, 'quarantine', ['key'], {
    key: 'text', kind: 'text', home: 'text?', device: 'text?', topic: 'text?', atMs: 'bigint', code: 'text', reason: 'text', payload: 'text', replayedMs: 'bigint?',
  });
  await index(db, 'quarantine', ['home', 'atMs']);
  await table(db, 'users', ['id'], { id: 'text', username: 'text', role: 'text', passwordHash: 'text', createdMs: 'bigint', disabledMs: 'bigint?' });
  await index(db, 'users', ['username'], true);
  await table(db, 'sessions', ['id'], { id: 'text', userId: 'text', dataJson: 'text', expiresMs: 'bigint' });
  await table(db, 'apiTokens', ['id'], { id: 'text', name: 'text', secretHash: 'text', createdMs: 'bigint', revokedMs: 'bigint?' });
  await index(db, 'apiTokens', ['secretHash'], true);
  await table(db, 'audit', ['id'], { id: 'text', atMs: 'bigint', who: 'text', what: 'text', subject: 'text?', detailJson: 'text?' });
  await table(db, 'checkpoints', ['consumer'], { consumer: 'text', position: 'bigint', nowMs: 'bigint', savedMs: 'bigint' });
  await table(db, 'homeStates', ['home'], { home: 'text', stateJson: 'text' });
  await table(db, 'fleetBuckets', ['startMs'], { startMs: 'bigint', heard: 'bigint', known: 'bigint' });
  await table(db, 'deafPeriods', ['fromMs'], { fromMs: 'bigint', untilMs: 'bigint' });
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await registryTables(db);
  await alertTables(db);
  await serviceTables(db);
}
