import type { Database, Executor } from '#libs/database';
import { FLEET, newHomeState, nextDueMs, type HomeState } from '#libs/detection';
import { DueQueue } from './due-queue.js';

const ROWS_PER_STATEMENT_MAX = 200;

/** The state of every home that was ever heard, which of them changed since the last checkpoint, and who is due when. */
export class HomeBook {
  readonly due = new DueQueue();
  private readonly states = new Map<string, HomeState>();
  private readonly changed = new Set<string>();

  static async load(database: Database): Promise<HomeBook> {
    const book = new HomeBook();
    for (const row of await database.selectFrom('homeStates').selectAll().where('home', '!=', FLEET).execute()) {
      const state = JSON.parse(row.stateJson) as HomeState;
      book.states.set(row.home, state);
      book.due.set(row.home, nextDueMs(state));
    }
    return book;
  }

  get size(): number {
    return this.states.size;
  }

  stateOf(home: string): HomeState {
    let state = this.states.get(home);
    if (state === undefined) {
      state = newHomeState(home);
      this.states.set(home, state);
    }
    return state;
  }

  /** Call after a home's state moved. */
  moved(home: string): void {
    this.changed.add(home);
    this.due.set(home, nextDueMs(this.stateOf(home)));
  }

  /** Writes the states that changed since the last save; part of the checkpoint's transaction. */
  async save(executor: Executor): Promise<void> {
    const rows = [...this.changed].map((home) => ({ home, stateJson: JSON.stringify(this.stateOf(home)) }));
    for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT_MAX) {
      await executor
        .insertInto('homeStates').values(rows.slice(from, from + ROWS_PER_STATEMENT_MAX))
        .onConflict((conflict) => conflict.column('home').doUpdateSet((eb) => ({ stateJson: eb.ref('excluded.stateJson') })))
        .execute();
    }
  }

  /** Call once the checkpoint has committed. */
  saved(): void {
    this.changed.clear();
  }
}
