/**
 * Sets a key and, beyond `keysMax`, forgets the key that was set first. A record whose keys never look
 * like numbers keeps the order of insertion, in JSON too.
 */
export function setBounded<T>(record: Record<string, T>, key: string, value: T, keysMax: number): void {
  const isNew = !Object.hasOwn(record, key);
  record[key] = value;
  if (!isNew) return;
  const keys = Object.keys(record);
  if (keys.length > keysMax && keys[0] !== undefined) delete record[keys[0]];
}
