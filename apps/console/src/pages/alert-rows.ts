import type { Alert } from '#libs/alerts';
import type { Database } from '#libs/database';

/** An alert with what a page says of it beside: who it is about and the home's time zone. */
export interface AlertRow extends Alert {
  whoText: string;
  timeZone: string;
  outcomeText: string;
  /** When it came to stand as it does. */
  standingMs: number | null;
}

export const OUTCOME_WORDS: Record<string, string> = {
  'true-alarm': 'A true alarm: help was needed', 'false-alarm': 'A false alarm: nothing was wrong', test: 'A test', technical: 'A technical fault', unknown: 'Not known',
};

/** Looks up names and time zones for a page of alerts in two queries. */
export async function alertRows(db: Database, alerts: Alert[]): Promise<AlertRow[]> {
  if (alerts.length === 0) return [];
  const homes = [...new Set(alerts.map((alert) => alert.home))];
  const zones = new Map((await db.selectFrom('homes').select(['id', 'timeZone']).where('id', 'in', homes).execute()).map((row) => [row.id, row.timeZone]));
  const residents = await db.selectFrom('residents').select(['home', 'id', 'name']).where('home', 'in', homes).orderBy('id').limit(5_000).execute();
  return alerts.map((alert) => ({
    ...alert,
    timeZone: zones.get(alert.home) ?? 'Europe/London',
    whoText: whoText(alert, residents.filter(({ home }) => home === alert.home)),
    outcomeText: OUTCOME_WORDS[alert.outcome ?? ''] ?? '',
    standingMs: alert.resolvedMs ?? (alert.status === 'open' ? null : (alert.goingMs ?? alert.acknowledgedMs)),
  }));
}

function whoText({ subjectKind, subject, home }: Alert, residents: { id: string; name: string | null }[]): string {
  if (subjectKind === 'fleet') return 'All homes';
  const place = `home ${home}`;
  if (subjectKind === 'resident') return `${residents.find(({ id }) => id === subject)?.name ?? `Resident ${subject}`}, ${place}`;
  const only = residents.length === 1 ? residents[0]!.name : null;
  const person = only === null ? `Home ${home}` : `${only}, ${place}`;
  return subjectKind === 'device' ? `${person} · device ${subject}` : person;
}
