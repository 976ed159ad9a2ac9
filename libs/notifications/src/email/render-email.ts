import type { Alert } from '#libs/alerts';
import type { TellingOccasion } from '#libs/escalation';
import type { Contact, Home } from '#libs/registry';
import { OCCASION_WORDS, SEVERITY_WORDS } from './wording.js';

export interface EmailContent {
  /** No name, no home, nothing clinical: it shows on lock screens. */
  subject: string;
  text: string;
  html: string;
}

/** A paragraph, a list of things to do, or a link. */
type Part = { paragraph: string } | { heading: string } | { list: readonly string[] } | { link: string; words: string };

/**
 * The mail by role: a clinician reads the reason with its numbers, everybody else the sentence
 * without clinical detail. Neither holds a name; the home goes by its pseudonym.
 */
export function renderEmail(to: { alert: Alert; contact: Pick<Contact, 'role'>; home: Pick<Home, 'id' | 'timeZone'>; occasion: TellingOccasion; publicUrl: string | null }): EmailContent {
  const { alert, contact, home, occasion, publicUrl } = to;
  const over = alert.status === 'resolved';
  const { name, plea, actions } = SEVERITY_WORDS[alert.severity];
  const what = contact.role === 'clinician' ? alert.reason : alert.familyReason;
  const subject = over ? `Hearthwatch: dealt with (${name.toLowerCase()})` : `Hearthwatch: ${name}${OCCASION_WORDS[occasion]}: ${plea}`;
  const parts: Part[] = [
    { heading: over ? 'This has been dealt with' : `${name}${OCCASION_WORDS[occasion]}` },
    { paragraph: sentence(what) },
    { paragraph: whenOf(alert, home.timeZone) },
    ...(over ? overParts(alert, home.timeZone) : [...sinceParts(alert, home.timeZone), { heading: 'What to do' }, { list: actions }]),
    ...(publicUrl === null ? [] : [{ link: `${publicUrl}/alerts/${alert.id}`, words: 'Open this alert (for those who have a sign-in)' }]),
    { paragraph: `From Hearthwatch, the home monitoring service, about home ${home.id}. You get this because you are a contact of that home. Nobody reads answers to this address.` },
  ];
  return { subject, text: parts.map(asText).join('\n\n') + '\n', html: page(subject, parts.map(asHtml).join('\n')) };
}

function whenOf(alert: Alert, timeZone: string): string {
  const began = clockTime(alert.fromMs, timeZone);
  const found = clockTime(alert.atMs, timeZone);
  return began === found ? `When: ${began}` : `It began: ${began}. It was noticed: ${found}.`;
}

/** What is known by now; a mail may have waited for its server. */
function sinceParts(alert: Alert, timeZone: string): Part[] {
  const parts: Part[] = [];
  if (alert.clearedMs !== null) parts.push({ paragraph: `It seems to have ended: ${clockTime(alert.clearedMs, timeZone)}. Nobody has checked yet.` });
  if (alert.goingMs !== null) parts.push({ paragraph: `Somebody said that they are on the way: ${clockTime(alert.goingMs, timeZone)}.` });
  else if (alert.acknowledgedMs !== null) parts.push({ paragraph: `Somebody from the care service has seen it: ${clockTime(alert.acknowledgedMs, timeZone)}.` });
  return parts;
}

function overParts(alert: Alert, timeZone: string): Part[] {
  const at = alert.resolvedMs === null ? '' : ` ${clockTime(alert.resolvedMs, timeZone)}`;
  return [{ paragraph: `Somebody from the care service closed it${at === '' ? '' : `:${at}`}. You need do nothing more about it.` }];
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** In the home's own time, with its abbreviation: family may live elsewhere. */
function clockTime(atMs: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' });
  return format.format(atMs);
}

function asText(part: Part): string {
  if ('heading' in part) return `${part.heading}\n${'-'.repeat(part.heading.length)}`;
  if ('list' in part) return part.list.map((item) => `- ${item}`).join('\n');
  return 'link' in part ? `${part.words}:\n${part.link}` : part.paragraph;
}

function asHtml(part: Part, index: number): string {
  if ('heading' in part) return index === 0 ? `<h1>${escaped(part.heading)}</h1>` : `<h2>${escaped(part.heading)}</h2>`;
  if ('list' in part) return `<ul>${part.list.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;
  return 'link' in part ? `<p><a href="${escaped(part.link)}">${escaped(part.words)}</a></p>` : `<p>${escaped(part.paragraph)}</p>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title></head>
<body style="font-family:Arial,sans-serif;font-size:19px;line-height:1.5;color:#212b32;background:#fff;max-width:38em;margin:0 auto;padding:16px">
${body}
</body></html>
`;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
