import { randomUUIDv7 } from 'node:crypto';
import { recordHistory, SERVICE, type AlertChange } from '#libs/alerts';
import type { Executor, Schema } from '#libs/database';
import { listContacts, type Contact } from '#libs/registry';
import { Counter, metrics } from '#libs/runtime';
import { isReachable, POLICIES, type Policy, type Target, type TellingOccasion } from './policy.js';

const notTold = new Counter({
  name: 'hearthwatch_tellings_not_told_total',
  help: 'Occasions on which the policy would have told somebody and nobody could be reached',
  labelNames: ['severity'],
  registers: [metrics],
});

/** Detection's name for all homes together, which has no contacts. */
const FLEET = '*';

interface Occasioned extends AlertChange {
  occasion: TellingOccasion;
}

/**
 * Puts into the outbox what has to be told of these changes, in the transaction that makes them: an
 * alert and its tellings are committed together or not at all. Each telling has a key, so doing it
 * again inserts nothing. Where nobody can be told, the alert's history says so and why.
 * @returns how many tellings were added; they are due at once, so deliver them
 */
export async function planTelling(trx: Executor, changes: readonly AlertChange[], nowMs: number): Promise<number> {
  let planned = 0;
  for (const change of changes) {
    const policy: Policy = POLICIES[change.severity];
    if (!isOccasion(change, policy)) continue;
    planned += await (change.occasion === 'resolved' ? planEnd(trx, change, nowMs) : planSteps(trx, change, policy, nowMs));
  }
  return planned;
}

const isOccasion = (change: AlertChange, { occasions }: Policy): change is Occasioned => occasions.includes(change.occasion as TellingOccasion);

async function planSteps(trx: Executor, change: Occasioned, { steps }: Policy, nowMs: number): Promise<number> {
  let planned = 0;
  for (const [step, { delayMs, targets }] of steps.entries()) {
    for (const target of targets) {
      const contact = await contactOf(trx, change.home, target);
      if (contact) planned += await queue(trx, change, { step, contactId: contact.id, channel: target.channel, dueMs: nowMs + delayMs }, nowMs);
      else await nobody(trx, change, nowMs);
    }
  }
  return planned;
}

/** Ascending by position; whoever the channel can't reach is passed over. */
async function contactOf(trx: Executor, home: string, { channel }: Target): Promise<Contact | undefined> {
  if (home === FLEET) return undefined;
  const contacts = await listContacts(trx, home);
  return contacts.find(isReachable[channel]);
}

/** Whoever was told that it began hears that it is over; what still waits says so itself when it goes out. */
async function planEnd(trx: Executor, change: Occasioned, nowMs: number): Promise<number> {
  const told = await trx.selectFrom('outbox').select(['contactId', 'channel']).distinct()
    .where('alertId', '=', change.alertId).where('state', 'in', ['sent', 'claimed']).where('occasion', '<>', 'resolved').orderBy('contactId').execute();
  let planned = 0;
  for (const { contactId, channel } of told) planned += await queue(trx, change, { step: 0, contactId, channel, dueMs: nowMs }, nowMs);
  return planned;
}

async function queue(trx: Executor, change: Occasioned, to: { step: number; contactId: string; channel: string; dueMs: number }, nowMs: number): Promise<number> {
  const { alertId, occasion, home, trigger } = change;
  const row: Schema['outbox'] = {
    id: randomUUIDv7(), key: [alertId, to.step, to.contactId, to.channel, occasion, trigger].join('/'),
    alertId, home, channel: to.channel, contactId: to.contactId, occasion,
    state: 'queued', attempts: 0, dueMs: to.dueMs, claimedUntilMs: null, sentMs: null, lastError: null, createdMs: nowMs,
  };
  const { numInsertedOrUpdatedRows } = await trx.insertInto('outbox').values(row).onConflict((conflict) => conflict.column('key').doNothing()).executeTakeFirst();
  return Number(numInsertedOrUpdatedRows ?? 0);
}

async function nobody(trx: Executor, { alertId, severity, occasion }: Occasioned, nowMs: number): Promise<void> {
  notTold.inc({ severity });
  const note = `Nobody is told (${occasion}): no contact of this home has an email address. Add one to the home's contacts`;
  await recordHistory(trx, alertId, { what: 'not-told', who: SERVICE, note }, nowMs);
}
