import { raiseFindings, type AlertChange } from '#libs/alerts';
import type { Database } from '#libs/database';
import { planTelling } from '#libs/escalation';
import { addContact, registerHome, type ContactInput } from '#libs/registry';
import { findingOf, type FindingInput } from './finding-of.js';

/** What the monitor does with a batch of findings: alerts and tellings in one transaction. */
export function raiseAndPlan(db: Database, inputs: FindingInput[], nowMs: number): Promise<AlertChange[]> {
  return db.transaction().execute(async (trx) => {
    const changes = await raiseFindings(trx, inputs.map(findingOf), nowMs);
    await planTelling(trx, changes, nowMs);
    return changes;
  });
}

/** A home in London whose contacts are told in the order given; their ids. */
export async function homeWithContacts(db: Database, home: string, contacts: Omit<ContactInput, 'name'>[]): Promise<string[]> {
  await registerHome(db, { id: home, timeZone: 'Europe/London' }, 0);
  const ids: string[] = [];
  for (const contact of contacts) ids.push((await addContact(db, home, { name: `Contact ${ids.length + 1}`, ...contact }, 0)).id);
  return ids;
}
