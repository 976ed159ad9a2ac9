import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { openDatabase } from '#libs/database';
import { CodedError, readSettings, systemClock } from '#libs/runtime';
import type { Administration } from '../admin/administration.js';
import { addDeviceCommands, addHomeCommands, addLoginCommands } from '../admin/homes-and-devices.js';
import { addQuarantineCommands } from '../admin/quarantine.js';
import { addPasswordCommand, addTokenCommands, addUserCommands } from '../admin/users-and-tokens.js';

/**
 * `admin …`: users, tokens, homes, devices and logins, in the database of the service that the
 * settings name; it may run meanwhile. Secrets are printed once, everything is audited.
 */
export function adminCommand(administration: Administration = ofThisService()): Command {
  const admin = new Command('admin').description('Users, tokens, homes, devices and logins of the service').showHelpAfterError('Add --help for what is accepted.');
  addPasswordCommand(admin, administration);
  addUserCommands(admin, administration);
  addTokenCommands(admin, administration);
  addHomeCommands(admin, administration);
  addDeviceCommands(admin, administration);
  addLoginCommands(admin, administration);
  addQuarantineCommands(admin, administration);
  return admin;
}

function ofThisService(): Administration {
  return {
    nowMs: () => systemClock.nowMs(),
    say: (text) => { console.log(text); },
    withDatabase: async (act) => {
      if (existsSync('.env')) process.loadEnvFile('.env'); // As the service does.
      const { dataDir, databaseUrl } = readSettings(process.env);
      const sqliteFile = join(dataDir, 'hearthwatch.db');
      if (databaseUrl === 'sqlite:' && !existsSync(sqliteFile)) {
        throw new CodedError('HW-DATABASE-MISSING', `There is no database in ${dataDir}`, 'Start the service once, or set HEARTHWATCH_DATA_DIR to its data folder');
      }
      const db = await openDatabase({ url: databaseUrl, sqliteFile });
      try {
        await act(db);
      } finally {
        await db.destroy();
      }
    },
  };
}
