import { setTimeout as sleep } from 'node:timers/promises';
import { assert, minutes, type Clock, type CodedError } from '#libs/runtime';
import type { HubLogin } from '../hearthwatch-api.js';
import type { TimedMessage } from '../timed-message.js';
import { HubConnection } from './connection.js';
import type { Pace } from './pace.js';
import { SendWindow } from './send-window.js';

/** Homes stay this close to each other in data time. */
export const SPREAD_MAX_MS = minutes(5);
const IN_FLIGHT_MAX = 2_000;
const STOP_WAIT_MS = 5_000;
const PROGRESS_EVERY_MS = 1_000;
/** Sleeping less than this costs more than it waits. */
const NAP_MIN_MS = 2;
/** A timer holds 24 days at most, and a machine that slept must notice soon. */
const NAP_MAX_MS = 60_000;

export interface Progress {
  sent: number;
  acknowledged: number;
  /** Data time that has been reached, ms since 1970; undefined before the first message. */
  atMs: number | undefined;
  elapsedMs: number;
}

/** What carries a home's messages; `acknowledged` is called once per message. */
export interface Transport {
  send(message: TimedMessage, acknowledged: () => void): void;
  close(): Promise<void>;
}

export interface PublisherOptions {
  clock: Clock;
  /** Called when a home's connection breaks and when it is back. */
  onConnection?: (home: string, state: 'away' | 'back', reason?: string) => void;
  spreadMaxMs?: number;
  inFlightMax?: number;
  transport?: (login: HubLogin, onFailed: (error: CodedError) => void) => Transport;
}

export interface PublishOptions {
  pace: Pace;
  /** Stops sending; what is in flight is given 5 s. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/**
 * Publishes the messages of many homes over MQTT: one connection and login a home, QoS 1, everything
 * re-sent until acknowledged, homes kept within 5 minutes of each other (see SendWindow).
 */
export class Publisher {
  private readonly transports = new Map<string, Transport>();
  private readonly window: SendWindow;
  private failure: CodedError | undefined;

  constructor(broker: string, logins: readonly HubLogin[], private readonly options: PublisherOptions) {
    this.window = new SendWindow({ spreadMaxMs: options.spreadMaxMs ?? SPREAD_MAX_MS, inFlightMax: options.inFlightMax ?? IN_FLIGHT_MAX });
    const open = options.transport ?? ((login, onFailed) => new HubConnection(broker, login, {
      onFailed,
      onAway: (reason) => options.onConnection?.(login.home, 'away', reason),
      onBack: () => options.onConnection?.(login.home, 'back'),
    }));
    for (const login of logins) this.transports.set(login.home, open(login, (error) => this.fail(error)));
  }

  /**
   * Sends messages, which must come in the order of their times, at a pace. Resolves when all were
   * acknowledged, or when `signal` stopped it: compare `sent` and `acknowledged`.
   * @throws CodedError HW-SIM-LOGIN when a login is refused for good.
   */
  async publish(messages: Iterable<TimedMessage>, { pace, signal, onProgress }: PublishOptions): Promise<Progress> {
    const startMs = this.options.clock.nowMs();
    const progress: Progress = { sent: 0, acknowledged: 0, atMs: undefined, elapsedMs: 0 };
    const report = (): void => {
      progress.elapsedMs = this.options.clock.nowMs() - startMs;
      onProgress?.(progress);
    };
    const ticking = setInterval(report, PROGRESS_EVERY_MS);
    const stop = (): void => this.window.nudge();
    signal?.addEventListener('abort', stop);
    try {
      for (const message of messages) {
        if (!(await this.admit(message, pace, signal))) break;
        this.send(message, progress);
      }
      await this.drain(signal);
    } finally {
      clearInterval(ticking);
      signal?.removeEventListener('abort', stop);
      report();
    }
    return progress;
  }

  async close(): Promise<void> {
    await Promise.all([...this.transports.values()].map((transport) => transport.close()));
  }

  /** Waits until the message may go; false when everything is to stop. */
  private async admit(message: TimedMessage, pace: Pace, signal: AbortSignal | undefined): Promise<boolean> {
    for (;;) {
      const waitMs = pace(message.atMs, this.options.clock.nowMs());
      if (waitMs <= NAP_MIN_MS || signal?.aborted) break;
      await sleep(Math.min(waitMs, NAP_MAX_MS), undefined, signal ? { signal } : {}).catch(() => undefined);
    }
    for (;;) {
      if (this.failure) throw this.failure;
      if (signal?.aborted) return false;
      if (this.window.admits(message.atMs)) return true;
      await this.window.changed();
    }
  }

  private send(message: TimedMessage, progress: Progress): void {
    const transport = this.transports.get(message.home);
    assert(transport, `no login for home ${message.home}`);
    assert(progress.atMs === undefined || message.atMs >= progress.atMs, 'messages come in the order of their times');
    const ticket = this.window.enter(message.atMs);
    progress.sent += 1;
    progress.atMs = message.atMs;
    transport.send(message, () => {
      progress.acknowledged += 1;
      this.window.acknowledge(ticket);
    });
  }

  /** Waits for all acknowledgements; after an abort 5 s at most. */
  private async drain(signal: AbortSignal | undefined): Promise<void> {
    const patience = new AbortController();
    patience.signal.addEventListener('abort', () => this.window.nudge());
    const losePatience = (): void => {
      setTimeout(() => patience.abort(), STOP_WAIT_MS).unref();
    };
    if (signal?.aborted) losePatience();
    else signal?.addEventListener('abort', losePatience, { once: true });
    for (;;) {
      if (this.failure) throw this.failure;
      if (this.window.unacknowledged === 0 || patience.signal.aborted) return;
      await this.window.changed();
    }
  }

  private fail(error: CodedError): void {
    this.failure ??= error;
    this.window.nudge();
  }
}
