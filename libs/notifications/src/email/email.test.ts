import { afterEach, expect, test } from '@jest/globals';
import type { Alert } from '#libs/alerts';
import { SEVERITIES } from '#libs/alerts';
import { startSmtpServer, type SmtpTestServer } from '../../../../test/harness/smtp.js';
import { openMailer, type Mail } from './mailer.js';
import { renderEmail } from './render-email.js';

const AT_MS = Date.UTC(2026, 6, 22, 1, 14);

const alert: Alert = {
  id: 'a1', home: 'h1', subjectKind: 'resident', subject: 'r1', rule: 'blood-pressure', cause: 'high', severity: 'urgent', status: 'open',
  reason: 'Systolic 196 mmHg; limit 160', familyReason: 'A health reading is out of range', fromMs: AT_MS, atMs: AT_MS,
  clearedMs: null, openedMs: AT_MS, acknowledgedMs: null, acknowledgedBy: null, goingMs: null, goingBy: null, resolvedMs: null, resolvedBy: null, outcome: null, change: 1,
};
const home = { id: 'h1', timeZone: 'Europe/London' };
const publicUrl = 'https://care.example.net';
const mailTo = (more: Partial<Parameters<typeof renderEmail>[0]> = {}): ReturnType<typeof renderEmail> =>
  renderEmail({ alert, home, contact: { role: 'family' }, occasion: 'opened', publicUrl, ...more });

test('family reads no clinical detail; a clinician does', () => {
  for (const role of ['family', 'responder', 'installer'] as const) {
    const mail = mailTo({ contact: { role } });
    expect(JSON.stringify(mail)).not.toMatch(/systolic|196|160/i);
    expect(mail.text).toContain('A health reading is out of range.');
    expect(mail.html).toContain('A health reading is out of range.');
  }
  expect(mailTo({ contact: { role: 'clinician' } }).text).toContain('Systolic 196 mmHg; limit 160.');
});

test('a subject says how pressing it is and nothing of the person, the home or the reason', () => {
  const subjects = SEVERITIES.flatMap((severity) => (['opened', 'raised', 'paged-again', 'returned'] as const).map((occasion) => mailTo({ alert: { ...alert, severity }, occasion, contact: { role: 'clinician' } }).subject));
  expect(new Set(subjects).size).toBe(16);
  expect(subjects[0]).toBe('Hearthwatch: Emergency: please act now');
  for (const subject of subjects) expect(subject).not.toMatch(/h1|r1|systolic|196|pressure/i);
});

test('a mail says what, when by the home’s clock, what to do, where to look, and who sends it why', () => {
  expect(mailTo({ alert: { ...alert, severity: 'emergency', fromMs: AT_MS - 3_600_000 } }).text).toBe(`Emergency
---------

A health reading is out of range.

It began: Wednesday 22 July at 01:14 BST. It was noticed: Wednesday 22 July at 02:14 BST.

What to do
----------

- Telephone now.
- If nobody answers, or help is needed, go there or call 999.

Open this alert (for those who have a sign-in):
https://care.example.net/alerts/a1

From Hearthwatch, the home monitoring service, about home h1. You get this because you are a contact of that home. Nobody reads answers to this address.
`);
});

test('a mail that waited says what is known by now, and no name', () => {
  const ended = mailTo({ alert: { ...alert, clearedMs: AT_MS + 60_000, goingMs: AT_MS + 120_000, goingBy: 'nurse', acknowledgedMs: AT_MS, acknowledgedBy: 'nurse' } }).text;
  expect(ended).toContain('It seems to have ended: Wednesday 22 July at 02:15 BST. Nobody has checked yet.');
  expect(ended).toContain('Somebody said that they are on the way: Wednesday 22 July at 02:16 BST.');
  expect(mailTo({ alert: { ...alert, acknowledgedMs: AT_MS, acknowledgedBy: 'nurse' } }).text).toContain('Somebody from the care service has seen it: Wednesday 22 July at 02:14 BST.');
  expect(ended).not.toContain('nurse');
});

test('without a public address there is no link', () => {
  const { text, html } = mailTo({ publicUrl: null });
  expect(text).not.toContain('http');
  expect(html).not.toContain('<a ');
});

test('nothing in a reason can change the page', () => {
  const { html } = mailTo({ alert: { ...alert, familyReason: '<img src=x onerror="alert(1)"> & co' } });
  expect(html).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; co');
  expect(html).not.toContain('<img');
  expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
});

let server: SmtpTestServer | undefined;
afterEach(() => server?.stop());

const mail: Mail = { to: 'x@example.org', id: 'id-1', thread: 'alert.a1', pressing: true, sentMs: AT_MS, ...mailTo() };
const sendTo = async (url: string): Promise<Awaited<ReturnType<ReturnType<typeof openMailer>['send']>>> => {
  const mailer = openMailer({ smtpUrl: url, from: 'care@example.net', publicUrl }, { connectionsMax: 1 });
  try {
    return await mailer.send(mail);
  } finally {
    mailer.close();
  }
};

test('on the wire: plain text and HTML, the thread, the time, and that a machine sent it', async () => {
  server = await startSmtpServer();
  expect(await sendTo(server.url)).toEqual({ sent: true });
  expect(server.mails[0]).toMatchObject({
    to: ['x@example.org'], text: mail.text.trim(), html: mail.html.trim(),
    headers: {
      from: 'Hearthwatch <care@example.net>', subject: mail.subject, 'message-id': '<id-1@care.example.net>', references: '<alert.a1@care.example.net>',
      'auto-submitted': 'auto-generated', importance: 'High', date: 'Wed, 22 Jul 2026 01:14:00 +0000',
    },
  });
});

test('with a login; a wrong one is tried again, since the settings can be put right', async () => {
  server = await startSmtpServer({ login: { user: 'care', password: 'secret' } });
  expect(await sendTo(server.url)).toEqual({ sent: true });
  const wrong = await sendTo(server.url.replace('secret', 'other'));
  expect(wrong).toMatchObject({ sent: false, permanent: false, error: expect.stringContaining('EAUTH') });
  expect(JSON.stringify(wrong)).not.toContain('other');
});

test('a password is never sent in the clear to another machine unless the URL asks for it', async () => {
  server = await startSmtpServer({ login: { user: 'care', password: 'secret' } });
  const elsewhere = server.url.replace('127.0.0.1', '0.0.0.0'); // Another name of this machine that is not loopback's.
  expect(await sendTo(elsewhere)).toMatchObject({ sent: false, permanent: false, error: expect.stringMatching(/ETLS|STARTTLS/) });
  expect(await sendTo(`${elsewhere}?requireTLS=false`)).toEqual({ sent: true });
});

test('smtps: is TLS from the start, and a certificate that nobody vouches for is refused', async () => {
  server = await startSmtpServer({ secure: true });
  expect(await sendTo(server.url)).toMatchObject({ sent: false, permanent: false, error: expect.stringMatching(/certificate/) });
  expect(await sendTo(`${server.url}?tls.rejectUnauthorized=false`)).toEqual({ sent: true });
});

test('an address that is none is refused for good', async () => {
  server = await startSmtpServer();
  const mailer = openMailer({ smtpUrl: server.url, from: 'care@example.net', publicUrl }, { connectionsMax: 1 });
  expect(await mailer.send({ ...mail, to: ' ' })).toMatchObject({ sent: false, permanent: true });
  mailer.close();
});
