import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import {
  SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler,
  type CompiledQuery, type DatabaseConnection, type DatabaseIntrospector, type Dialect, type DialectAdapter, type Driver, type Kysely, type QueryCompiler, type QueryResult,
} from 'kysely';

/**
 * Kysely on `node:sqlite`: one connection, which Kysely hands to one user at a time, so a transaction
 * is never interleaved with another query of this thread. Transactions begin immediate: of several
 * threads and processes one writes, the others wait up to `busyMaxMs` without blocking their thread
 * (a blocked thread could be the one that the lock's holder needs).
 */
export class NodeSqliteDialect implements Dialect {
  constructor(private readonly file: string, private readonly busyMaxMs = BUSY_MAX_MS) {}

  createDriver(): Driver {
    return new NodeSqliteDriver(this.file, this.busyMaxMs);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new NodeSqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

const BUSY_MAX_MS = 10_000;
const BUSY_PAUSE_MAX_MS = 20;
const STATEMENTS_MAX = 200;

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html */
export const SQLITE = { BUSY: 5, READONLY: 8, CORRUPT: 11, FULL: 13, CANTOPEN: 14, NOTADB: 26 } as const;

/** The primary result code of an error of `node:sqlite`, or undefined for any other error. */
export function sqliteCodeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null | undefined)?.errcode; // Not by instanceof: a test's realm has an Error of its own.
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** SQLite rolls back its schema changes like any other, so a migration that fails half-way leaves nothing behind. */
class NodeSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class NodeSqliteDriver implements Driver {
  private connection: NodeSqliteConnection | undefined;

  constructor(private readonly file: string, private readonly busyMaxMs: number) {}

  async init(): Promise<void> {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    closeSync(openSync(this.file, 'a', 0o600)); // It will hold names and addresses; its -wal and -shm take the same mode.
    const connection = new NodeSqliteConnection(new DatabaseSync(this.file, { timeout: 0 }), this.busyMaxMs);
    try {
      await connection.exec('PRAGMA journal_mode = WAL');
      await connection.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    } catch (error) {
      connection.close();
      throw error;
    }
    this.connection = connection;
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.connection!);
  }

  /** Whoever comes next must not find itself inside a transaction whose commit failed. */
  async releaseConnection(): Promise<void> {
    await this.connection!.rollbackOpen();
  }

  async beginTransaction(): Promise<void> {
    await this.connection!.exec('begin immediate');
  }

  async commitTransaction(): Promise<void> {
    await this.connection!.exec('commit');
  }

  /** After some errors, a full disk for one, SQLite has already rolled back by itself. */
  async rollbackTransaction(): Promise<void> {
    await this.connection!.rollbackOpen();
  }

  destroy(): Promise<void> {
    this.connection?.close();
    this.connection = undefined;
    return Promise.resolve();
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  /** Prepared statements by their text, the longest unused first. */
  private readonly statements = new Map<string, StatementSync>();

  constructor(private readonly database: DatabaseSync, private readonly busyMaxMs: number) {}

  close(): void {
    this.statements.clear();
    this.database.close();
  }

  async exec(sql: string): Promise<void> {
    await this.whenFree(() => this.database.exec(sql));
  }

  async rollbackOpen(): Promise<void> {
    if (this.database.isTransaction) await this.exec('rollback');
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.whenFree(() => this.run<R>(query));
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming is not used here');
  }

  private run<R>(query: CompiledQuery): QueryResult<R> {
    const statement = this.prepared(query.sql);
    const parameters = query.parameters as SQLInputValue[];
    if (statement.columns().length > 0) return { rows: statement.all(...parameters) as R[] };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  private prepared(sql: string): StatementSync {
    const statement = this.statements.get(sql) ?? this.database.prepare(sql);
    this.statements.delete(sql);
    this.statements.set(sql, statement);
    if (this.statements.size > STATEMENTS_MAX) {
      const oldest = this.statements.keys().next();
      if (!oldest.done) this.statements.delete(oldest.value);
    }
    return statement;
  }

  /**
   * Tries again while another connection writes. A statement outside a transaction, and the begin of
   * one, changed nothing when it was refused; inside a transaction, which is immediate, nobody else
   * holds the lock.
   */
  private async whenFree<T>(act: () => T): Promise<T> {
    for (let waitedMs = 0, pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, BUSY_PAUSE_MAX_MS)) {
      try {
        return act();
      } catch (error) {
        if (sqliteCodeOf(error) !== SQLITE.BUSY || waitedMs >= this.busyMaxMs) throw error;
      }
      await pause(pauseMs);
      waitedMs += pauseMs;
    }
  }
}
