import { Socket } from 'node:net';
import { connect, type MqttClient } from 'mqtt';
import { CodedError } from '#libs/runtime';
import type { HubLogin } from '../hearthwatch-api.js';
import type { TimedMessage } from '../timed-message.js';

export interface ConnectionEvents {
  /** The broker went away; everything unacknowledged is sent again when it is back. */
  onAway?: (reason: string) => void;
  onBack?: () => void;
  /** It will never work: the login is refused. */
  onFailed: (error: CodedError) => void;
}

interface Pending {
  message: TimedMessage;
  acknowledged: () => void;
}

const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 5_000;
/** A broker may learn of a login a moment after it was made. */
const REFUSALS_MAX = 5;
const REFUSED = new Set([4, 5]);

/**
 * One hub's connection: QoS 1, in order. What is unacknowledged when the connection breaks is sent
 * again, in order and marked as a duplicate, on the next one, for as long as it takes.
 *
 * Each connection gets a fresh client instead of the library's own reconnect, whose buffer gives
 * up messages when a connection breaks for the second time while it re-sends.
 */
export class HubConnection {
  private client: MqttClient | undefined;
  private readonly pending = new Set<Pending>();
  private online = false;
  private away = false;
  private closing = false;
  private refusals = 0;
  private failures = 0;
  private retry: NodeJS.Timeout | undefined;

  constructor(private readonly broker: string, private readonly login: HubLogin, private readonly events: ConnectionEvents) {
    this.open();
  }

  /** `acknowledged` is called once, when the broker has acknowledged the message. */
  send(message: TimedMessage, acknowledged: () => void): void {
    const pending = { message, acknowledged };
    this.pending.add(pending);
    if (this.online) this.publish(pending, false);
  }

  /** Stops at once; what is unacknowledged stays so. */
  async close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.retry);
    const client = this.client;
    if (client) await new Promise<void>((resolve) => client.end(!this.online, {}, () => resolve()));
  }

  private open(): void {
    const client = connect(this.broker, {
      username: this.login.username,
      password: this.login.password,
      clientId: `sim-${this.login.home}`.slice(0, 60),
      clean: true,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      keepalive: 30,
      queueQoSZero: false,
    });
    this.client = client;
    client.on('connect', () => this.connected(client));
    client.on('error', (error) => this.wentWrong(client, error));
    client.on('close', () => this.closed(client, 'the connection was closed'));
  }

  private connected(client: MqttClient): void {
    if (client !== this.client) return;
    if (client.stream instanceof Socket) client.stream.setNoDelay(true); // The window waits for single messages.
    this.online = true;
    this.refusals = 0;
    this.failures = 0;
    if (this.away) this.events.onBack?.();
    this.away = false;
    for (const pending of this.pending) this.publish(pending, true);
  }

  private wentWrong(client: MqttClient, error: Error & { code?: unknown }): void {
    if (client !== this.client) return;
    if (typeof error.code === 'number' && REFUSED.has(error.code)) {
      this.refusals += 1;
      if (this.refusals >= REFUSALS_MAX) {
        this.closing = true;
        client.end(true);
        this.events.onFailed(new CodedError('HW-SIM-LOGIN', `The broker refuses the login of home ${this.login.home}`, 'Check that --broker and --api belong to the same service', { cause: error }));
        return;
      }
    }
    this.closed(client, error.message);
  }

  private closed(client: MqttClient, reason: string): void {
    if (client !== this.client || this.closing) return;
    this.client = undefined;
    this.online = false;
    client.end(true);
    if (!this.away) this.events.onAway?.(reason);
    this.away = true;
    this.failures += 1;
    this.retry = setTimeout(() => this.open(), Math.min(RETRY_MIN_MS * 2 ** (this.failures - 1), RETRY_MAX_MS));
  }

  private publish(pending: Pending, again: boolean): void {
    const { topic, payload, retain } = pending.message;
    this.client?.publish(topic, payload, { qos: 1, retain: retain ?? false, dup: again }, (error) => {
      if (error || !this.pending.delete(pending)) return; // It goes again with the next connection.
      pending.acknowledged();
    });
  }
}
