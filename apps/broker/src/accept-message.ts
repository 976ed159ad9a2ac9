import type { PublishPacket, Client } from 'aedes';
import type { JournalWriter } from '#libs/journal';
import { CodedError, type Clock, type ErrorCode } from '#libs/runtime';
import { isServiceTopic } from '#libs/telemetry';
import { counts } from './broker-metrics.js';
import type { Flow, Flows } from './flow.js';
import { LIMITS, payloadMax } from './limits.js';
import type { SecurityLog } from './security-log.js';
import type { Session, Sessions } from './session.js';

export interface AcceptanceParts {
  journal: JournalWriter;
  sessions: Sessions;
  flows: Flows;
  flowOf: WeakMap<Client, Flow>;
  security: SecurityLog;
  clock: Clock;
  /** True while the broker stops: wills of the connections that it closes itself would be lies. */
  stopping: () => boolean;
  /** The journal is broken: acknowledging has ended and so must the process. */
  onJournalFailure: (error: Error) => void;
}

type Callback = (error?: Error | null) => void;

/** What the journal's head and the bookkeeping of one message take, about. */
const OVERHEAD_BYTES = 300;

/**
 * The one hook before the acknowledgement; aedes acknowledges when the callback is called without an
 * error, and closes the connection without acknowledging when it is called with one.
 * 1. The topic must be below the login's home and none of the service's own.
 * 2. A QoS 2 message that was sent again is not journalled again.
 * 3. The bytes go to the journal as they are; the answer waits until they are safe from a power cut.
 * Never throws: that would end the process.
 */
export function acceptMessages(parts: AcceptanceParts): (client: Client | null, packet: PublishPacket, callback: Callback) => void {
  return (client, packet, callback) => {
    try {
      accept(parts, client, packet, callback);
    } catch (error) {
      callback(error as Error);
    }
  };
}

function accept(parts: AcceptanceParts, client: Client | null, packet: PublishPacket, callback: Callback): void {
  const session = client === null ? undefined : parts.sessions.of(client);
  if (session === undefined || session.revoked || parts.stopping()) return callback(new Error('not accepted'));
  const topic = session.mount + packet.topic;
  const refusal = refusalOf(session, topic, packet.payload);
  if (refusal !== null) return callback(refused(parts, session, refusal));
  counts.publishes += 1;
  if (packet.qos === 2 && packet.messageId !== undefined) acceptOnce(parts, session, packet, packet.messageId, callback);
  else journal(parts, session, packet, callback);
}

/** Why a message is refused; null if it is not. An unknown topic below the own home is accepted: its bytes wait in quarantine. */
function refusalOf(session: Session, topic: string, payload: PublishPacket['payload']): { code: ErrorCode; detail: string } | null {
  if (!topic.startsWith(session.prefix)) return { code: 'HW-MQTT-TOPIC', detail: session.prefix.includes('/devices/') ? 'published outside its own device' : 'published outside its own home' };
  if (topic.length > LIMITS.topic) return { code: 'HW-MQTT-SIZE', detail: `a topic of ${topic.length} characters` };
  if (!topic.endsWith('/readings') && isServiceTopic(topic)) return { code: 'HW-MQTT-TOPIC', detail: 'published on a topic of the service' };
  if (payload.length > LIMITS.payload && payload.length > payloadMax(topic)) return { code: 'HW-MQTT-SIZE', detail: `a payload of ${payload.length} bytes` };
  return null;
}

function refused({ security }: AcceptanceParts, { home, username }: Session, { code, detail }: { code: ErrorCode; detail: string }): Error {
  security.refused({ code, home, username, detail });
  return new CodedError(code, `A client ${detail}`, 'Correct its topic and payload; see docs/mqtt.md');
}

/** MQTT 3.1.1, 4.3.3: until PUBREL, a PUBLISH with the same packet id is the same message. */
function acceptOnce(parts: AcceptanceParts, session: Session, packet: PublishPacket, packetId: number, callback: Callback): void {
  const known = session.exactlyOnce.get(packetId);
  if (known !== undefined) {
    counts.repeats += 1;
    if (known === 'journalled') callback(null);
    else known.push(callback);
    return;
  }
  const waiting: Callback[] = [callback];
  session.exactlyOnce.set(packetId, waiting);
  journal(parts, session, packet, (error) => {
    if (error) session.exactlyOnce.delete(packetId);
    else session.exactlyOnce.set(packetId, 'journalled');
    for (const answer of waiting) answer(error);
  });
}

function journal(parts: AcceptanceParts, session: Session, packet: PublishPacket, callback: Callback): void {
  const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
  const flow = parts.flowOf.get(session.client);
  const topic = session.mount + packet.topic;
  const bytes = payload.length + topic.length + OVERHEAD_BYTES;
  if (flow !== undefined) parts.flows.begin(flow, bytes);
  const entry = {
    receivedMs: parts.clock.nowMs(),
    topic,
    payload, // A view of the socket's buffer: the journal copies it before `append` returns.
    login: session.username,
    qos: packet.qos,
    dup: packet.dup ?? false,
    retain: packet.retain,
    connection: session.connection,
    packetId: packet.messageId ?? 0,
  };
  packet.retain = false;
  parts.journal.append(entry, (error) => {
    if (flow !== undefined) parts.flows.end(flow, bytes);
    if (error === undefined) {
      counts.acknowledged += 1;
      callback(null);
      return;
    }
    callback(error);
    if (parts.journal.failed !== null) parts.onJournalFailure(parts.journal.failed);
  });
}
