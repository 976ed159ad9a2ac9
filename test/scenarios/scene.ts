import { acknowledge, getAlert, going, listAlerts, raiseFindings, type AlertDetail, type Outcome } from '#libs/alerts';
import type { Database } from '#libs/database';
import { advanceHome, newHomeState, type HomeState } from '#libs/detection';
import { planTelling, resolveAndTell } from '#libs/escalation';
import { deliverDue } from '#libs/notifications';
import { addContact, addContext, loadHomeFacts, registerDevice, registerHome, registerResident, type ContactInput, type ContextKind, type DeviceInput } from '#libs/registry';
import type { Reading } from '#libs/telemetry';
import { startSmtpServer, type ReceivedMail, type SmtpTestServer } from '../harness/smtp.js';

const DAY_MS = Date.UTC(2026, 10, 21); // In winter: London's time is UTC.
const HOME = 'h1';

const DEVICES: DeviceInput[] = [
  { id: 'pendant', room: 'other', roomName: 'worn', use: 'wearable', kinds: ['sos', 'fall', 'cancel'], resident: 'r1' },
  { id: 'smoke-kitchen', room: 'kitchen', use: 'alarm', kinds: ['smoke'] },
  { id: 'smoke-hall', room: 'hallway', use: 'alarm', kinds: ['smoke'] },
  { id: 'door', room: 'hallway', use: 'exterior-door', kinds: ['open'] },
  { id: 'pir-hall', room: 'hallway', use: 'movement', kinds: ['motion'] },
  { id: 'cuff', room: 'lounge', use: 'vital-signs', kinds: ['systolic', 'diastolic'], resident: 'r1' },
];

/** `02:14`, `02:14:30`, or with days before it: `1d 02:14`. */
export function at(time: string): number {
  const [, days = '0', clock = time] = /^(?:(\d+)d )?(.*)$/.exec(time) ?? [];
  const [hour = 0, minute = 0, second = 0] = clock.split(':').map(Number);
  return DAY_MS + (((Number(days) * 24 + hour) * 60 + minute) * 60 + second) * 1_000;
}

/**
 * One resident's home, the service and the people around it, on a clock that the test moves. What
 * the monitor does is done here with the same libs: rules, alerts, tellings, mails by real SMTP.
 */
export class Scene {
  private state: HomeState = newHomeState(HOME);
  private saved = { state: JSON.stringify(this.state), read: 0 };
  private readonly journal: Reading[] = [];
  private read = 0;
  private nowMs = DAY_MS;

  private constructor(private readonly db: Database, private readonly smtp: SmtpTestServer) {}

  static async open(db: Database, contacts: Omit<ContactInput, 'name'>[] = [{ role: 'family', email: 'daughter@example.org' }]): Promise<Scene> {
    await registerHome(db, { id: HOME, timeZone: 'Europe/London' }, 0);
    await registerResident(db, HOME, { id: 'r1', basis: 'consent', decidedBy: 'the resident', reviewOn: '2027-11-21' }, 0);
    for (const device of DEVICES) await registerDevice(db, HOME, device, 0);
    for (const contact of contacts) await addContact(db, HOME, { name: 'A contact', ...contact }, 0);
    return new Scene(db, await startSmtpServer());
  }

  close(): Promise<void> {
    return this.smtp.stop();
  }

  /** A device says something at this time; `received` later, if its hub had lost the connection. */
  async says(time: string, device: string, kind: string, value: Reading['value'] = true, more: { received?: string; test?: boolean } = {}): Promise<void> {
    const receivedMs = at(more.received ?? time);
    this.journal.push({ home: HOME, device, kind, value, atMs: at(time), receivedMs, clock: 'device', test: more.test ?? false });
    await this.until(receivedMs);
  }

  /** Time goes on in a quiet house. */
  async clock(time: string): Promise<void> {
    await this.until(at(time));
  }

  async known(kind: ContextKind, from: string, until: string): Promise<void> {
    await addContext(this.db, HOME, { kind, fromMs: at(from), untilMs: at(until), createdBy: 'nurse' }, this.nowMs);
  }

  /** The homes' state and the position in the journal are saved, as the monitor does every few seconds. */
  saves(): void {
    this.saved = { state: JSON.stringify(this.state), read: this.read };
  }

  /** The process dies and starts again from what it saved last. `fromTheBeginning`: its state is lost as well. */
  async restarts(how: { fromTheBeginning?: boolean } = {}): Promise<void> {
    const { state, read } = how.fromTheBeginning ? { state: JSON.stringify(newHomeState(HOME)), read: 0 } : this.saved;
    this.state = JSON.parse(state) as HomeState;
    this.read = read;
    await this.until(this.nowMs);
  }

  /** The process dies in the middle of the next transaction, then starts again. */
  async diesWhile(happens: () => Promise<void>): Promise<void> {
    this.dying = true;
    await happens().then(() => { throw new Error('it was to die'); }, (error: unknown) => { if (!(error instanceof Died)) throw error; });
    this.dying = false;
    await this.restarts();
  }

  private dying = false;

  mailServer(behaviour: Parameters<SmtpTestServer['behave']>[0]): void {
    this.smtp.behave(behaviour);
  }

  private readonly who = { who: 'nurse' };
  readonly nurse = {
    acknowledges: async (): Promise<void> => { await acknowledge(this.db, (await this.openAlert()).id, this.who, this.nowMs); },
    goes: async (): Promise<void> => { await going(this.db, (await this.openAlert()).id, this.who, this.nowMs); },
    resolves: async (outcome: Outcome = 'true-alarm'): Promise<void> => {
      await resolveAndTell(this.db, (await this.openAlert()).id, { ...this.who, outcome }, this.nowMs);
      await this.deliver();
    },
  };

  /** Oldest first. */
  async alerts(): Promise<AlertDetail[]> {
    const { items } = await listAlerts(this.db, { limit: 100 });
    return Promise.all(items.map(({ id }) => getAlert(this.db, id)).toReversed());
  }

  /** The only alert that nobody has resolved. */
  async openAlert(): Promise<AlertDetail> {
    const open = (await this.alerts()).filter(({ status }) => status !== 'resolved');
    if (open.length !== 1) throw new Error(`${open.length} alerts are not resolved`);
    return open[0]!;
  }

  /** What one person has got so far. */
  inbox(address = 'daughter@example.org'): ReceivedMail[] {
    return this.smtp.mails.filter(({ to }) => to.includes(address));
  }

  subjects(address?: string): string[] {
    return this.inbox(address).map(({ headers }) => headers['subject']!.replace('Hearthwatch: ', ''));
  }

  private async until(nowMs: number): Promise<void> {
    this.nowMs = Math.max(this.nowMs, nowMs);
    const facts = await loadHomeFacts(this.db, HOME);
    const readings = this.journal.slice(this.read);
    const findings = advanceHome(this.state, { readings, statuses: [], nowMs: this.nowMs, facts, fleet: [], clock: 'system' });
    await this.db.transaction().execute(async (trx) => {
      await planTelling(trx, await raiseFindings(trx, findings, this.nowMs), this.nowMs);
      if (this.dying) throw new Died();
    });
    this.read = this.journal.length;
    await this.deliver();
  }

  private async deliver(): Promise<void> {
    await deliverDue(this.db, { smtpUrl: this.smtp.url, from: 'care@example.net', publicUrl: 'https://care.example.net', limit: 50 }, this.nowMs);
  }
}

class Died extends Error {}
