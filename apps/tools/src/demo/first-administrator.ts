import { join } from 'node:path';
import { assert } from '#libs/runtime';
import { openDatabase } from '#libs/database';
import { ensureFirstAdministrator } from '#libs/identity';

export interface Administrator {
  username: string;
  password: string;
}

/** The first administrator of a data folder that no service has used yet. */
export async function firstAdministrator(dataFolder: string, nowMs: number): Promise<Administrator> {
  const database = await openDatabase({ url: 'sqlite:', sqliteFile: join(dataFolder, 'hearthwatch.db') });
  try {
    const administrator = await ensureFirstAdministrator(database, nowMs);
    assert(administrator, 'a new database has no administrator');
    return administrator;
  } finally {
    await database.destroy();
  }
}
