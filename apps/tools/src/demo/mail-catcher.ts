import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A mail that the service sent, as far as the demo shows it. */
export interface CaughtMail {
  to: string;
  subject: string;
}

const MAIL_BYTES_MAX = 1_000_000;

/**
 * A mail server for the demo that delivers to nobody: it takes every mail (RFC 5321, without
 * extensions) and hands it over. Listens on loopback only.
 */
export async function catchMails(onMail: (mail: CaughtMail) => void): Promise<{ url: string; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    converse(socket, onMail);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    }),
  };
}

function converse(socket: Socket, onMail: (mail: CaughtMail) => void): void {
  let text = '';
  let body: string[] | undefined; // Lines after DATA.
  let recipients: string[] = [];
  const answer = (line: string): void => {
    socket.write(`${line}\r\n`);
  };
  const take = (line: string): void => {
    if (body) {
      if (line !== '.') {
        body.push(line.startsWith('.') ? line.slice(1) : line);
        return;
      }
      for (const to of recipients) onMail({ to, subject: subjectOf(body) });
      body = undefined;
      recipients = [];
      answer('250 taken');
      return;
    }
    const command = line.slice(0, 4).toUpperCase();
    if (command === 'DATA') {
      body = [];
      answer('354 go on');
    } else if (command === 'QUIT') socket.end('221 bye\r\n');
    else if (command === 'RCPT') {
      recipients.push(/<([^>]*)>/.exec(line)?.[1] ?? '');
      answer('250 fine');
    } else if (['EHLO', 'HELO', 'MAIL', 'RSET', 'NOOP'].includes(command)) answer('250 fine');
    else answer('502 not known here');
  };
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (text.length > MAIL_BYTES_MAX) socket.destroy();
    for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      take(line);
    }
  });
  answer('220 demo');
}

/** The Subject header, unfolded and decoded (RFC 2047). */
function subjectOf(lines: readonly string[]): string {
  const start = lines.findIndex((line) => /^subject:/i.test(line));
  if (start < 0) return '';
  let subject = (lines[start] ?? '').slice('subject:'.length).trim();
  for (const line of lines.slice(start + 1)) {
    if (!/^[ \t]/.test(line)) break;
    subject += ` ${line.trim()}`;
  }
  return subject
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_whole, coding: string, coded: string) => decodeWord(coding, coded));
}

function decodeWord(coding: string, coded: string): string {
  if (coding.toLowerCase() === 'b') return Buffer.from(coded, 'base64').toString('utf8');
  const bytes = coded.replace(/_/g, ' ').replace(/=([0-9a-f]{2})/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
