import type { Executor } from '#libs/database';
import { listDeviceVersions, type Device } from './devices.js';
import { listRuleVersions, type RuleParameters } from './rule-settings.js';

/** All that detection knows of a home beside its readings: rows with their times, never "now". The shape is detection's. */
export interface HomeFacts {
  home: string;
  timeZone: string;
  residents: { id: string }[];
  devices: { id: string; effectiveFromMs: number; room: string; use: string; kinds: string[]; resident?: string; retired: boolean }[];
  contexts: { kind: string; fromMs: number; untilMs: number }[];
  rules: { rule: string; effectiveFromMs: number; enabled: boolean; parameters: RuleParameters }[];
}

const HOMES_PER_QUERY = 500;

/** The facts of a home, all versions. One that nobody registered has none, in UTC: its alarms page all the same. */
export async function loadHomeFacts(db: Executor, home: string): Promise<HomeFacts> {
  return (await loadFactsOfHomes(db, [home])).get(home)!;
}

/** The same for several homes in a few queries. */
export async function loadFactsOfHomes(db: Executor, homes: readonly string[]): Promise<Map<string, HomeFacts>> {
  const facts = new Map(homes.map((home): [string, HomeFacts] => [home, { home, timeZone: 'UTC', residents: [], devices: [], contexts: [], rules: [] }]));
  for (let i = 0; i < homes.length; i += HOMES_PER_QUERY) await loadSome(db, homes.slice(i, i + HOMES_PER_QUERY), facts);
  return facts;
}

async function loadSome(db: Executor, homes: string[], facts: Map<string, HomeFacts>): Promise<void> {
  for (const { id, timeZone } of await db.selectFrom('homes').select(['id', 'timeZone']).where('id', 'in', homes).execute()) {
    facts.get(id)!.timeZone = timeZone;
  }
  for (const { home, id } of await db.selectFrom('residents').select(['home', 'id']).where('home', 'in', homes).orderBy('id').execute()) {
    facts.get(home)?.residents.push({ id });
  }
  for (const device of await listDeviceVersions(db, homes)) facts.get(device.home)?.devices.push(deviceFact(device));
  for (const { home, ...context } of await db.selectFrom('contexts').select(['home', 'kind', 'fromMs', 'untilMs']).where('home', 'in', homes).orderBy('fromMs').orderBy('id').execute()) {
    facts.get(home)?.contexts.push(context);
  }
  for (const { home, rule, effectiveFromMs, enabled, parameters } of await listRuleVersions(db, homes)) {
    facts.get(home)?.rules.push({ rule, effectiveFromMs, enabled, parameters });
  }
}

function deviceFact({ id, effectiveFromMs, room, use, kinds, resident, retired }: Device): HomeFacts['devices'][number] {
  return { id, effectiveFromMs, room, use, kinds, ...(resident === null ? {} : { resident }), retired };
}
