import type { AuthenticateError, Client, ConnectPacket } from 'aedes';
import type { Database } from '#libs/database';
import { verifyCredential, type Login } from '#libs/registry';
import type { Clock, ErrorCode, Logger } from '#libs/runtime';
import { isServiceTopic } from '#libs/telemetry';
import { counts } from './broker-metrics.js';
import type { Flow } from './flow.js';
import { LIMITS } from './limits.js';
import type { SecurityLog } from './security-log.js';
import type { Session, Sessions } from './session.js';

/** Return codes of CONNACK; MQTT 3.1.1, 3.2.2.3. */
const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
const BAD_USERNAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

export interface LoginParts {
  db: Database;
  sessions: Sessions;
  flowOf: WeakMap<Client, Flow>;
  /** Logins being looked up: one that is revoked meanwhile is added to `revoked`. */
  lookups: Set<{ username: string; revoked: boolean }>;
  security: SecurityLog;
  clock: Clock;
  logger: Logger;
  nextConnection: () => number;
}

const wills = new WeakMap<Client, string>();

/**
 * Before anything of a CONNECT is used: sessions are clean, the client id counts within its login
 * only (so that nobody can push another home off), and a connection that says nothing ends.
 */
export function preConnect(client: Client, packet: ConnectPacket, callback: (error: Error | null, success: boolean) => void): void {
  const { clientId, username, keepalive, will } = packet;
  if (clientId.length > LIMITS.clientIdLength) return callback(new Error('the client id is too long'), false);
  packet.clean = true;
  if (clientId !== '') packet.clientId = `${username ?? ''}/${clientId}`;
  if (!keepalive || keepalive > LIMITS.keepAliveSeconds) packet.keepalive = LIMITS.keepAliveSeconds;
  if (will !== undefined) wills.set(client, will.topic);
  callback(null, true);
}

type Done = (error: AuthenticateError | null, success: boolean | null) => void;

/** Checks the login of a CONNECT and makes its session, or answers with the CONNACK code that says why not. */
export function logIn(parts: LoginParts): (client: Client, username: string | undefined, password: Buffer | undefined, done: Done) => void {
  return (client, username, password, done) => void answer(parts, client, { username, password }, done);
}

async function answer(parts: LoginParts, client: Client, given: Given, done: Done): Promise<void> {
  let refusal: RefusedLogin | null;
  try {
    refusal = await openSession(parts, client, given);
  } catch (error) {
    parts.logger.error({ err: error }, 'a login could not be checked');
    refusal = refusalWith(SERVER_UNAVAILABLE, 'the login could not be checked');
  }
  done(refusal, refusal === null);
}

type RefusedLogin = Error & { returnCode: number };

interface Given {
  username: string | undefined;
  password: Buffer | undefined;
}

async function openSession(parts: LoginParts, client: Client, { username, password }: Given): Promise<RefusedLogin | null> {
  if (username === undefined || password === undefined) {
    return refuse(parts, { code: 'HW-MQTT-LOGIN', returnCode: NOT_AUTHORIZED, login: null, detail: 'connected without user name and password' });
  }
  const lookup = { username, revoked: false };
  parts.lookups.add(lookup);
  let login: Login | null;
  try {
    login = await verifyCredential(parts.db, username, password.toString('utf8'), parts.clock.nowMs());
  } finally {
    parts.lookups.delete(lookup);
  }
  if (login === null || lookup.revoked) {
    const name = PLAUSIBLE_USERNAME.test(username) ? username : null; // Somebody may have typed something else here.
    return refuse(parts, { code: 'HW-MQTT-LOGIN', returnCode: BAD_USERNAME_OR_PASSWORD, login: { home: null, username: name }, detail: 'unknown user name, wrong password or revoked login' });
  }
  const { prefix, mount } = reachOf(login);
  const will = wills.get(client);
  if (will !== undefined && !mayWill(mount + will, prefix)) {
    return refuse(parts, { code: 'HW-MQTT-TOPIC', returnCode: NOT_AUTHORIZED, login, detail: 'a last will outside its own home or on a topic of the service' });
  }
  if (client.closed) return refusalWith(IDENTIFIER_REJECTED, 'closed meanwhile');
  enter(parts, { client, connection: parts.nextConnection(), username, home: login.home, prefix, mount, exactlyOnce: new Map(), subscriptions: new Map(), undelivered: 0, revoked: false });
  return null;
}

/** What a login reaches, and what is put in front of its topics; see docs/mqtt.md. */
export function reachOf({ home, kind, device }: Login): { prefix: string; mount: string } {
  const ofHome = `homes/${home}/`;
  switch (kind) {
    case 'hub': return { prefix: ofHome, mount: '' };
    case 'device': return { prefix: `${ofHome}devices/${device}/`, mount: '' };
    case 'mounted': return { prefix: ofHome, mount: ofHome };
    default: return kind satisfies never;
  }
}

function enter({ sessions, flowOf }: LoginParts, session: Session): void {
  const before = sessions.ofUsername(session.username);
  if (before.size >= LIMITS.connectionsPerLogin) {
    const [oldest] = before;
    sessions.remove(oldest!);
    oldest!.client.close();
  }
  sessions.add(session);
  session.client.conn.once('close', () => sessions.remove(session));
  const flow = flowOf.get(session.client);
  if (flow !== undefined) flow.loggedIn = true;
  counts.connects += 1;
}

const PLAUSIBLE_USERNAME = /^[A-Za-z0-9._-]{1,100}$/;

function mayWill(topic: string, prefix: string): boolean {
  return topic.startsWith(prefix) && topic.length <= LIMITS.topic && !/[#+]/.test(topic) && !isServiceTopic(topic);
}

interface Refused {
  code: ErrorCode;
  returnCode: number;
  login: { home: string | null; username: string | null } | null;
  detail: string;
}

function refuse({ security }: LoginParts, { code, returnCode, login, detail }: Refused): RefusedLogin {
  security.refused({ code, home: login?.home ?? null, username: login?.username ?? null, detail });
  return refusalWith(returnCode, detail);
}

function refusalWith(returnCode: number, message: string): RefusedLogin {
  return Object.assign(new Error(message), { returnCode });
}
