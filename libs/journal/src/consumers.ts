import { join } from 'node:path';
import { CodedError } from '#libs/runtime';
import type { Storage } from './storage.js';

const NAME = /^[a-z0-9-]{1,64}$/;
const CONTENT = /^(\d{1,16}) (\d{1,16})\n$/;

const consumersFolder = (folder: string): string => join(folder, 'consumers');

/** @throws CodedError HW-JOURNAL-CONSUMER for a name that is no plain file name. */
export function checkConsumerName(consumer: string): void {
  if (!NAME.test(consumer)) {
    throw new CodedError('HW-JOURNAL-CONSUMER', `"${consumer}" can't name a consumer`, 'Use 1 to 64 of a–z, 0–9 and -');
  }
}

/** The position that a consumer saved last, or null if it never did. */
export async function loadPosition(storage: Storage, folder: string, consumer: string): Promise<number | null> {
  const content = await storage.readWhole(join(consumersFolder(folder), consumer));
  if (content === null) return null;
  const match = CONTENT.exec(Buffer.from(content).toString('latin1'));
  if (match === null || match[1] !== match[2]) { // Written twice, in place of a checksum that nobody could read.
    throw new CodedError('HW-JOURNAL-CORRUPT', `The saved position of ${consumer} in ${folder} can't be read`, 'Write the last known position into it twice on one line, such as "0 0" to read everything again');
  }
  return Number(match[1]);
}

export async function savePosition(storage: Storage, folder: string, consumer: string, position: number): Promise<void> {
  await storage.makeFolder(consumersFolder(folder));
  await storage.replace(join(consumersFolder(folder), consumer), Buffer.from(`${position} ${position}\n`, 'latin1'));
}

/** Makes a position that an ended process saved last outlive a power cut, if it had not come so far. */
export async function settlePositions(storage: Storage, folder: string): Promise<void> {
  await storage.syncFolder(consumersFolder(folder));
}

/** Every consumer's saved position. */
export async function loadPositions(storage: Storage, folder: string): Promise<Map<string, number>> {
  const positions = new Map<string, number>();
  for (const consumer of await storage.list(consumersFolder(folder))) {
    if (!NAME.test(consumer)) continue; // Such as the rest of a replacement that a crash cut off.
    const position = await loadPosition(storage, folder, consumer);
    if (position !== null) positions.set(consumer, position);
  }
  return positions;
}
