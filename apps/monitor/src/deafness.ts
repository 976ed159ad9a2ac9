import type { Database } from '#libs/database';
import type { Period } from '#libs/detection';
import type { JournalReader } from '#libs/journal';
import { days, minutes } from '#libs/runtime';

/** Homes are silent for this long all the time; a shorter stop needs no mention. */
const DEAF_MIN_MS = minutes(2);
/** No rule looks further back than this. */
const KEPT_MS = days(4);

/**
 * When the service itself was not there to hear anything: from the last entry of the journal, or the
 * last checkpoint if that is later, to this start. A row, so that reading the journal again leads to
 * the same findings. Rules stop a person's clock meanwhile: our silence is not theirs.
 */
export async function noteDeafness(database: Database, journal: JournalReader, checkpointSavedMs: number, startedMs: number): Promise<Period[]> {
  const fromMs = Math.max(checkpointSavedMs, await lastArrivalMs(journal));
  if (fromMs > 0 && startedMs - fromMs >= DEAF_MIN_MS) {
    await database.insertInto('deafPeriods').values({ fromMs, untilMs: startedMs })
      .onConflict((conflict) => conflict.column('fromMs').doUpdateSet({ untilMs: startedMs })).execute();
  }
  return database.selectFrom('deafPeriods').select(['fromMs', 'untilMs']).where('untilMs', '>=', startedMs - KEPT_MS).orderBy('fromMs').execute();
}

async function lastArrivalMs(journal: JournalReader): Promise<number> {
  const end = await journal.endPosition();
  if (end === 0) return 0;
  const [last] = await journal.readAfter(end - 1, { entriesMax: 1, bytesMax: 1 });
  return last?.receivedMs ?? 0;
}
