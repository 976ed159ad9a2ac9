import { createTransport } from 'nodemailer';
import { seconds } from '#libs/runtime';
import type { EmailContent } from './render-email.js';

export interface MailSettings {
  /** `smtp://[user:password@]host:port`, `smtps://…` for TLS from the start; `?requireTLS=true` or `false`. */
  smtpUrl: string;
  from: string;
  publicUrl: string | null;
}

export interface Mail extends EmailContent {
  to: string;
  /** The same at every attempt, so that a repeat can be recognised. */
  id: string;
  /** Mails of one thread are shown together. */
  thread: string;
  pressing: boolean;
  sentMs: number;
}

/** `permanent`: the address is wrong, and trying again is of no use. `error` holds no address. */
export type MailResult = { sent: true } | { sent: false; permanent: boolean; error: string };

export interface Mailer {
  send(mail: Mail): Promise<MailResult>;
  close(): void;
}

const STEP_MAX_MS = seconds(10);
/** All of one mail: a server that answers a letter at a time must not hold an emergency. */
export const SEND_MAX_MS = seconds(20);

/**
 * Sends over a few connections to one server. TLS is used where the server offers it, and demanded
 * where the URL holds a password and the server is not this machine, unless the URL says otherwise.
 */
export function openMailer(settings: MailSettings, options: { connectionsMax: number; sendMaxMs?: number }): Mailer {
  const { smtpUrl, from, publicUrl } = settings;
  const transport = createTransport({
    url: smtpUrl, pool: true, maxConnections: options.connectionsMax, maxRequeues: 0, ...(demandsTls(smtpUrl) ? { requireTLS: true } : {}),
    connectionTimeout: STEP_MAX_MS, greetingTimeout: STEP_MAX_MS, dnsTimeout: STEP_MAX_MS, socketTimeout: STEP_MAX_MS,
    disableFileAccess: true, disableUrlAccess: true,
  });
  const host = publicUrl === null ? (from.split('@').at(-1) ?? 'localhost') : new URL(publicUrl).hostname;
  return {
    send: async ({ to, id, thread, pressing, sentMs, subject, text, html }) => {
      try {
        await transport.sendMail({
          from: { name: 'Hearthwatch', address: from }, to, subject, text, html,
          date: new Date(sentMs), messageId: `<${id}@${host}>`, references: [`<${thread}@${host}>`], inReplyTo: `<${thread}@${host}>`,
          priority: pressing ? 'high' : 'normal',
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          signal: AbortSignal.timeout(options.sendMaxMs ?? SEND_MAX_MS),
        });
        return { sent: true };
      } catch (error) {
        return refusal(error as SmtpError);
      }
    },
    close: () => transport.close({ force: true }),
  };
}

function demandsTls(smtpUrl: string): boolean {
  const url = new URL(smtpUrl);
  const local = url.hostname === 'localhost' || url.hostname === '[::1]' || url.hostname.startsWith('127.');
  return url.protocol === 'smtp:' && url.password !== '' && !local && !url.searchParams.has('requireTLS');
}

interface SmtpError extends Error {
  code?: string;
  response?: string;
  responseCode?: number;
  command?: string;
}

/**
 * RFC 5321, 4.2.1: a reply of 500 or more to RCPT TO refuses the address for good. RFC 3463: with the
 * class 5.7 it refuses this sender, by its policy or its settings, which somebody can put right; as
 * with every other failure the mail is tried again.
 */
function refusal(error: SmtpError): MailResult {
  const { code = 'unknown error', response, responseCode = 0, command } = error;
  const address = command === 'RCPT TO' && responseCode >= 500 && !/^5\d\d[ -]5\.7\./.test(response ?? '');
  const unusable = code === 'EENVELOPE' && response === undefined; // Not even sent: no address in it.
  const said = response === undefined ? error.message : `${command ?? 'connection'}: ${response}`;
  const what = address || unusable ? 'The address was refused' : 'The mail server did not take the mail';
  return { sent: false, permanent: address || unusable, error: withoutAddresses(`${what} (${code}): ${said}`) };
}

/** Servers quote the address; the history and the logs hold none. */
const withoutAddresses = (text: string): string => text.replace(/<?[^\s<>@:]+@[^\s<>@]+>?/g, '(address)').replace(/\s+/g, ' ').trim();
