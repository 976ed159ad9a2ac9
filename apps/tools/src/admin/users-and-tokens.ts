import type { Command } from 'commander';
import { createApiToken, createUser, disableUser, enableUser, getUser, listApiTokens, listUsers, revokeApiToken, setPassword } from '#libs/identity';
import { WHO, type Administration } from './administration.js';
import { moment, table } from './table.js';

export function addPasswordCommand(admin: Command, { withDatabase, nowMs, say }: Administration): void {
  admin.command('password').description('gives a user a new password, prints it, and ends the user\'s sessions').argument('<user>')
    .action((username: string) => withDatabase(async (db) => {
      const { disabledMs } = await getUser(db, username);
      const made = await setPassword(db, username, { who: WHO }, nowMs());
      say(`New password of ${made.username}: ${made.password}`);
      say(disabledMs === null ? 'It is shown this once. All sessions of this user have ended.' : `The user is disabled: admin user enable ${made.username}`);
    }));
}

export function addUserCommands(admin: Command, { withDatabase, nowMs, say }: Administration): void {
  const user = admin.command('user').description('who may sign in');
  user.command('list').description('all users').action(() => withDatabase(async (db) => {
    const users = await listUsers(db);
    say(table(['USER', 'ROLE', 'SINCE', 'STATE'], users.map((row) => [row.username, row.role, moment(row.createdMs), row.disabledMs === null ? 'active' : `disabled ${moment(row.disabledMs)}`])));
  }));
  user.command('add').description('makes a user and prints the password').argument('<user>').action((username: string) => withDatabase(async (db) => {
    const made = await createUser(db, { username, who: WHO }, nowMs());
    say(`Password of ${made.username}: ${made.password}`);
    say('It is shown this once.');
  }));
  user.command('disable').description('ends a user\'s sessions and sign-ins').argument('<user>').action((username: string) => withDatabase(async (db) => {
    await disableUser(db, username, { who: WHO }, nowMs());
    say(`${username} is disabled.`);
  }));
  user.command('enable').description('lets a disabled user sign in again').argument('<user>').action((username: string) => withDatabase(async (db) => {
    await enableUser(db, username, { who: WHO }, nowMs());
    say(`${username} may sign in.`);
  }));
}

export function addTokenCommands(admin: Command, { withDatabase, nowMs, say }: Administration): void {
  const token = admin.command('token').description('API tokens for programs; an administrator\'s rights');
  token.command('create').description('makes a token and prints it').argument('<name>', 'what it is for').action((name: string) => withDatabase(async (db) => {
    const made = await createApiToken(db, { name, who: WHO }, nowMs());
    say(`Token ${made.id}: ${made.token}`);
    say('It is shown this once.');
  }));
  token.command('list').description('all tokens, never their secrets').action(() => withDatabase(async (db) => {
    const tokens = await listApiTokens(db);
    say(tokens.length === 0 ? 'No tokens.' : table(['ID', 'NAME', 'SINCE', 'STATE'], tokens.map((row) => [row.id, row.name, moment(row.createdMs), row.revokedMs === null ? 'active' : `revoked ${moment(row.revokedMs)}`])));
  }));
  token.command('revoke').description('ends a token at once').argument('<id>').action((id: string) => withDatabase(async (db) => {
    await revokeApiToken(db, id, { who: WHO }, nowMs());
    say(`Token ${id} is revoked.`);
  }));
}
