import type { Executor } from '#libs/database';

export type Consumer = 'detection' | 'series';

export interface Checkpoint {
  /** The last journal entry whose effects are all recorded. */
  position: number;
  /** Detection's time there; it never goes back. */
  nowMs: number;
}

export interface SavedCheckpoint extends Checkpoint {
  /** By the system's clock; 0 before the first. */
  savedMs: number;
}

export async function loadCheckpoint(executor: Executor, consumer: Consumer): Promise<SavedCheckpoint> {
  const row = await executor.selectFrom('checkpoints').selectAll().where('consumer', '=', consumer).executeTakeFirst();
  return { position: row?.position ?? 0, nowMs: row?.nowMs ?? 0, savedMs: row?.savedMs ?? 0 };
}

export async function saveCheckpoint(executor: Executor, consumer: Consumer, { position, nowMs }: Checkpoint, savedMs: number): Promise<void> {
  await executor
    .insertInto('checkpoints').values({ consumer, position, nowMs, savedMs })
    .onConflict((conflict) => conflict.column('consumer').doUpdateSet({ position, nowMs, savedMs }))
    .execute();
}
