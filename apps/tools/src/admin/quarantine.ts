import type { Command } from 'commander';
import { recordAudit } from '#libs/identity';
import { listQuarantine, replaysOf, requestReplay, type QuarantineFilter } from '#libs/quarantine';
import { WHO, type Administration } from './administration.js';
import { moment, table } from './table.js';

const SHOWN_MAX = 100;

export function addQuarantineCommands(admin: Command, { withDatabase, nowMs, say }: Administration): void {
  const quarantine = admin.command('quarantine').description('messages that could not be read');
  const filtered = (command: Command): Command => command
    .option('--home <home>').option('--device <device>').option('--code <code>', 'such as HW-DECODE-FAMILY').option('--text <text>', 'anywhere in the reason or the topic');
  filtered(quarantine.command('list').description(`the newest ${SHOWN_MAX}, and what came of reading them again`)).action((filter: QuarantineFilter) => withDatabase(async (db) => {
    const { items } = await listQuarantine(db, { ...filter, limit: SHOWN_MAX });
    const replays = await replaysOf(db, items.map(({ key }) => key));
    say(items.length === 0 ? 'Nothing.' : table(['KEY', 'RECEIVED', 'HOME', 'DEVICE', 'CODE', 'REASON', 'READ AGAIN'], items.map((row) => {
      const replay = replays.get(row.key);
      return [row.key, moment(row.atMs), row.home ?? '', row.device ?? '', row.code, row.reason, replay === undefined ? '' : replay.outcome ?? 'waits'];
    })));
  }));
  filtered(quarantine.command('replay').description('has messages read again by the decoders of today, 1,000 at a time')).action((filter: QuarantineFilter) => withDatabase(async (db) => {
    const asked = await db.transaction().execute(async (trx) => {
      const count = await requestReplay(trx, filter, WHO, nowMs());
      await recordAudit(trx, { who: WHO, what: 'quarantine-replayed', subject: filter.home ?? null, detail: { messages: count } }, nowMs());
      return count;
    });
    say(`${asked} to be read again. The running service does so; admin quarantine list says what came of it.`);
  }));
}
