import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

/** How the server treats the next mails. */
export type SmtpBehaviour =
  | 'accept'
  /** Reply codes as real servers give them. */
  | 'unknown-address' | 'relay-denied' | 'mailbox-busy' | 'message-refused' | 'try-later' | 'login-refused'
  /** Takes the mail and never says so; never answers at all; ends the connection before, or after it has the mail. */
  | 'hang-after-mail' | 'hang' | 'drop-before-mail' | 'drop-after-mail';

export interface ReceivedMail {
  to: string[];
  from: string;
  headers: Record<string, string>;
  text: string;
  html: string;
}

export interface SmtpTestServer {
  url: string;
  /** Everything that arrived whole, whether the sender was told so or not. */
  mails: ReceivedMail[];
  behave(behaviour: SmtpBehaviour): void;
  /** Connections made so far. */
  connections(): number;
  /** Also ends connections that hang. */
  stop(): Promise<void>;
}

interface Options {
  /** TLS from the start, with a certificate that nobody trusts. */
  secure?: boolean;
  login?: { user: string; password: string };
  port?: number;
}

const REPLIES = {
  'unknown-address': [550, '5.1.1 <someone@example.org>: user unknown'],
  'relay-denied': [550, '5.7.1 relaying denied'],
  'mailbox-busy': [450, '4.2.1 mailbox busy'],
  'message-refused': [554, '5.6.0 message refused'],
  'try-later': [451, '4.3.0 try again later'],
  'login-refused': [535, '5.7.8 authentication failed'],
} as const satisfies Partial<Record<SmtpBehaviour, [number, string]>>;

/** A real SMTP server on a free port of this machine that can be told to misbehave. */
export async function startSmtpServer(options: Options = {}): Promise<SmtpTestServer> {
  let behaviour: SmtpBehaviour = 'accept';
  let connections = 0;
  const mails: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  const refused = (...at: (keyof typeof REPLIES)[]): Error | null => {
    const reply = at.find((one) => one === behaviour);
    return reply === undefined ? null : Object.assign(new Error(REPLIES[reply][1]), { responseCode: REPLIES[reply][0] });
  };
  const server = new SMTPServer({
    secure: options.secure ?? false, disabledCommands: options.secure ? [] : ['STARTTLS'], authOptional: options.login === undefined, allowInsecureAuth: true,
    closeTimeout: 50, logger: false, disableReverseLookup: true,
    onConnect: (_session, callback) => { connections++; if (behaviour !== 'hang') callback(); },
    onAuth: ({ username, password }, _session, callback) => {
      const right = username === options.login?.user && password === options.login?.password && behaviour !== 'login-refused';
      callback(right ? null : Object.assign(new Error(REPLIES['login-refused'][1]), { responseCode: 535 }), right ? { user: username } : undefined);
    },
    onRcptTo: (_address, _session, callback) => callback(refused('unknown-address', 'relay-denied', 'mailbox-busy')),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      if (behaviour === 'drop-before-mail') for (const socket of sockets) socket.destroy();
      stream.on('end', () => {
        const error = refused('message-refused', 'try-later');
        if (error) return callback(error);
        mails.push(mailOf(Buffer.concat(chunks).toString(), session));
        if (behaviour === 'drop-after-mail') for (const socket of sockets) socket.destroy();
        else if (behaviour !== 'hang-after-mail') callback();
      });
    },
  });
  server.on('error', () => undefined); // Connections that end in mid-mail are meant to.
  server.server.on('connection', (socket: Socket) => { sockets.add(socket); socket.on('close', () => sockets.delete(socket)); });
  await new Promise<void>((resolve) => { server.listen(options.port ?? 0, '127.0.0.1', resolve); });
  const { port } = server.server.address() as AddressInfo;
  const login = options.login ? `${options.login.user}:${options.login.password}@` : '';
  return {
    url: `${options.secure ? 'smtps' : 'smtp'}://${login}127.0.0.1:${port}`,
    mails,
    behave: (next) => { behaviour = next; },
    connections: () => connections,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => { server.close(resolve); });
    },
  };
}

function mailOf(raw: string, { envelope }: SMTPServerSession): ReceivedMail {
  const { headers, body } = partOf(raw);
  const boundary = /boundary="?([^";]+)"?/.exec(headers['content-type'] ?? '')?.[1];
  const parts = boundary === undefined ? [] : body.split(`--${boundary}`).slice(1, -1).map((part) => partOf(part.trimStart()));
  const bodyOf = (type: string): string => {
    const part = parts.find((one) => one.headers['content-type']?.startsWith(type));
    return part ? decoded(part.body, part.headers['content-transfer-encoding'] ?? '') : '';
  };
  return {
    from: envelope.mailFrom === false ? '' : envelope.mailFrom.address, to: envelope.rcptTo.map(({ address }) => address),
    headers, text: bodyOf('text/plain'), html: bodyOf('text/html'),
  };
}

function partOf(raw: string): { headers: Record<string, string>; body: string } {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw.slice(0, end).replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  return { headers, body: raw.slice(end + 4) };
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  if (encoding !== 'quoted-printable') return body.replaceAll('\r\n', '\n').trim();
  const bytes = body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString().replaceAll('\r\n', '\n').trim();
}
