import { findAlert } from '#libs/alerts';
import type { Executor } from '#libs/database';
import { claimDue, countWaiting, settle, type Telling, type TellingResult } from '#libs/escalation';
import { getHome, listContacts } from '#libs/registry';
import { Counter, Gauge, metrics, seconds, type Clock } from '#libs/runtime';
import { openMailer, SEND_MAX_MS, type Mailer } from './email/mailer.js';
import { renderEmail } from './email/render-email.js';
import { TOLD_WORDS } from './email/wording.js';
import { GIVE_UP_AFTER_MS, retryDelayMs } from './retry.js';

export interface DeliveryOptions {
  /** null: email is not set up, and the alert's history says so. */
  smtpUrl: string | null;
  from: string;
  publicUrl: string | null;
  /** For when each sending ended; without it `nowMs` stands for all of them. */
  clock?: Clock;
  /** At most this many at a time, each over a connection of its own; 10 unless said. */
  limit?: number;
  /** For one mail from first to last; 20 s unless said. */
  sendMaxMs?: number;
}

export interface Delivered {
  /** As many as the limit: call again at once, more may be due. */
  claimed: number;
  sent: number;
  /** To be tried again later. */
  retried: number;
  /** Not to be tried again; in the alert's history. */
  failed: number;
}

const LIMIT = 10;
/** Longer than a sending can last, so that a claim runs out only when its worker has died. */
const LEASE_SLACK_MS = seconds(20);

const notifications = new Counter({ name: 'hearthwatch_notifications_total', help: 'Attempts to tell somebody, by how they went', labelNames: ['channel', 'result'], registers: [metrics] });
const waiting = new Gauge({ name: 'hearthwatch_notifications_waiting', help: 'Tellings that wait or are being sent', registers: [metrics] });
const oldest = new Gauge({ name: 'hearthwatch_notifications_oldest_waiting_seconds', help: 'Age of the oldest telling that waits', registers: [metrics] });

/**
 * Sends what is due, emergencies first, all at a time, and writes down how it went. It ends within
 * the longest sending (20 s) and never throws for a mail that fails; it may be called again while it
 * runs, in other processes too, since each telling is claimed. A crash after sending and before
 * settling sends again, with the same Message-ID.
 * @throws what the database throws; the claims then run out and the tellings are due again
 */
export async function deliverDue(db: Executor, options: DeliveryOptions, nowMs: number): Promise<Delivered> {
  const sendMaxMs = options.sendMaxMs ?? SEND_MAX_MS;
  const limit = options.limit ?? LIMIT;
  const claimed = await claimDue(db, nowMs, sendMaxMs + LEASE_SLACK_MS, limit);
  const counts: Delivered = { claimed: claimed.length, sent: 0, retried: 0, failed: 0 };
  const mailer = claimed.length > 0 && options.smtpUrl !== null ? openMailer({ ...options, smtpUrl: options.smtpUrl }, { connectionsMax: limit, sendMaxMs }) : undefined;
  try {
    const ended = await Promise.allSettled(claimed.map((telling) => deliver(db, telling, { ...options, mailer }, nowMs, counts)));
    const broken = ended.find((end) => end.status === 'rejected');
    if (broken) throw broken.reason;
  } finally {
    mailer?.close();
    await measureWaiting(db, nowMs);
  }
  return counts;
}

type Way = DeliveryOptions & { mailer: Mailer | undefined };

async function deliver(db: Executor, telling: Telling, way: Way, nowMs: number, counts: Delivered): Promise<void> {
  const result = await tell(db, telling, way, nowMs);
  const name = result.result === 'retry' ? 'retried' : result.result;
  counts[name]++;
  notifications.inc({ channel: telling.channel, result: name });
  await settle(db, telling, result, way.clock?.nowMs() ?? nowMs);
}

async function tell(db: Executor, telling: Telling, way: Way, nowMs: number): Promise<TellingResult> {
  const { mailer, publicUrl, clock } = way;
  if (telling.channel !== 'email') return { result: 'failed', what: 'not-told', error: `This version has no channel "${telling.channel}"` };
  if (!mailer) return { result: 'failed', what: 'not-told', error: 'Email is not set up: set HEARTHWATCH_SMTP_URL' };
  const alert = telling.alertId === null ? undefined : await findAlert(db, telling.alertId);
  const contact = (await listContacts(db, telling.home)).find(({ id }) => id === telling.contactId);
  if (!alert || !contact || contact.email === null) return { result: 'failed', what: 'tell-failed', error: 'The contact has been removed, or has no email address any more' };
  const home = await getHome(db, telling.home);
  const content = renderEmail({ alert, contact, home, occasion: telling.occasion, publicUrl });
  const pressing = alert.status !== 'resolved' && (alert.severity === 'emergency' || alert.severity === 'urgent');
  const mail = { ...content, to: contact.email, id: telling.id, thread: `alert.${alert.id}`, pressing, sentMs: nowMs };
  const result = await mailer.send(mail);
  return result.sent ? { result: 'sent', note: `${contact.role} contact, by email: ${TOLD_WORDS[telling.occasion]}` } : afterFailure(telling, result, clock?.nowMs() ?? nowMs);
}

function afterFailure(telling: Telling, { permanent, error }: { permanent: boolean; error: string }, nowMs: number): TellingResult {
  if (permanent) return { result: 'failed', what: 'tell-failed', error };
  if (nowMs - telling.createdMs >= GIVE_UP_AFTER_MS) return { result: 'failed', what: 'tell-failed', error: `Given up after 24 h and ${telling.attempts} attempts. ${error}` };
  return { result: 'retry', error, dueMs: nowMs + retryDelayMs(telling.attempts) };
}

async function measureWaiting(db: Executor, nowMs: number): Promise<void> {
  const { waiting: count, oldestCreatedMs } = await countWaiting(db);
  waiting.set(count);
  oldest.set(oldestCreatedMs === null ? 0 : Math.max(0, nowMs - oldestCreatedMs) / 1_000);
}
