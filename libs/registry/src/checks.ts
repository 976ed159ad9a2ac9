import { PSEUDONYM } from '#libs/telemetry';
import { invalid } from './refusal.js';

/** C0 and C1 controls but the line break and tab; NUL alone would be refused by PostgreSQL. */
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** Each check returns a clean copy of a field, or throws HW-INVALID. */
export function checkedId(field: string, value: unknown): string {
  if (typeof value !== 'string' || !PSEUDONYM.test(value)) throw invalid(field, 'is not 1 to 64 of A–Z a–z 0–9 _ -');
  return value;
}

export function checkedChoice<const T extends readonly string[]>(field: string, value: unknown, choices: T): T[number] {
  if (typeof value !== 'string' || !choices.includes(value)) throw invalid(field, `is not one of ${choices.join(', ')}`);
  return value;
}

/** One line, or several where `lines`; without the white space around it. */
export function checkedText(field: string, value: unknown, { max, lines = false }: { max: number; lines?: boolean }): string {
  if (typeof value !== 'string' || !value.isWellFormed()) throw invalid(field, 'is not a text');
  const clean = value.normalize('NFC').replaceAll('\r\n', '\n').trim();
  if (clean === '' || clean.length > max) throw invalid(field, `is not 1 to ${max} characters long`);
  if (CONTROLS.test(clean) || (!lines && /[\n\t]/.test(clean))) throw invalid(field, 'holds a control character');
  return clean;
}

/** The same, where nothing (undefined, null or blank) is fine. */
export function optionalText(field: string, value: unknown, limits: { max: number; lines?: boolean }): string | null {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) return null;
  return checkedText(field, value, limits);
}

/** An IANA name in its usual spelling. An offset such as +01:00 is none: it knows no summer time. */
export function checkedTimeZone(field: string, value: unknown): string {
  const problem = 'is not an IANA time zone such as Europe/London';
  if (typeof value !== 'string' || !/^[A-Za-z][\w/+-]*$/.test(value)) throw invalid(field, problem);
  try {
    const known = new Intl.DateTimeFormat('en-GB', { timeZone: value }).resolvedOptions().timeZone;
    return known.toLowerCase() === value.toLowerCase() ? known : value;
  } catch {
    throw invalid(field, problem);
  }
}

/** A day of the calendar, `YYYY-MM-DD`. */
export function checkedDay(field: string, value: unknown): string {
  const problem = 'is not a day such as 2027-03-31';
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) throw invalid(field, problem);
  const ms = Date.parse(`${value}T00:00:00Z`);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== value) throw invalid(field, problem);
  return value;
}

const TIME_MAX_MS = 8_640_000_000_000_000; // The largest time of ECMAScript.

/** Milliseconds since 1970, UTC. */
export function checkedTime(field: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > TIME_MAX_MS) throw invalid(field, 'is not a time');
  return value;
}

/** Good enough to catch a slip: what is on the left and right of one @, without white space, quotes or brackets. */
export function optionalEmail(field: string, value: unknown): string | null {
  const text = optionalText(field, value, { max: 254 });
  if (text !== null && !/^[^\s@"<>(),;:\\]+@[^\s@"<>(),;:\\]+$/.test(text)) throw invalid(field, 'is not an email address');
  return text;
}

/** Digits with the usual marks between them, and an extension or note if any. */
export function optionalPhone(field: string, value: unknown): string | null {
  const text = optionalText(field, value, { max: 64 });
  if (text !== null && !/\d.*\d.*\d/.test(text)) throw invalid(field, 'is not a telephone number');
  return text;
}
