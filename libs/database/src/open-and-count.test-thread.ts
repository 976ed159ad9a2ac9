import { parentPort, workerData } from 'node:worker_threads';
import { nextChange, openDatabase } from './index.js';

/** A thread of the service as tests need it: opens the database and makes `changes` changes, each in a transaction with a pause inside. */
const { url, sqliteFile, changes } = workerData as { url: string; sqliteFile: string; changes: number };
const database = await openDatabase({ url, sqliteFile });
const numbers: number[] = [];
for (let i = 0; i < changes; i += 1) {
  numbers.push(await database.transaction().execute(async (trx) => {
    const number = await nextChange(trx, 'registry');
    await new Promise((resolve) => { setTimeout(resolve, 1); });
    return number;
  }));
}
await database.destroy();
parentPort?.postMessage(numbers);
