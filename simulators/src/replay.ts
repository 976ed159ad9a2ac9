import type { Clock } from '#libs/runtime';
import type { HearthwatchApi, HubLogin } from './hearthwatch-api.js';
import type { HomePlan } from './home-plan.js';
import { accelerated, atFullSpeed } from './publishing/pace.js';
import { Publisher, type Progress } from './publishing/publisher.js';
import type { TimedMessage } from './timed-message.js';

export interface ReplayOptions {
  /** Such as mqtt://127.0.0.1:1883 */
  broker: string;
  api: HearthwatchApi;
  clock: Clock;
  /** How many times as fast as it happened, or as fast as the broker acknowledges. */
  speed: number | 'max';
  signal: AbortSignal;
  onRegistered?: (homes: number) => void;
  onProgress?: (progress: Progress) => void;
  onConnection?: (home: string, state: 'away' | 'back', reason?: string) => void;
}

/**
 * Registers the homes through the public interface, with a login for each that is revoked
 * afterwards, and publishes the messages at their own (past) times. Resolves when every message was
 * acknowledged, or after `signal`: then `acknowledged` is short of the whole.
 */
export async function replay(homes: readonly HomePlan[], messages: Iterable<TimedMessage>, options: ReplayOptions): Promise<Progress> {
  const logins: HubLogin[] = [];
  try {
    for (const home of homes) {
      await options.api.registerHome(home);
      logins.push(await options.api.createLogin(home.id));
      options.onRegistered?.(logins.length);
    }
    return await publish(logins, messages, options);
  } finally {
    await Promise.allSettled(logins.map((login) => options.api.revokeLogin(login)));
  }
}

async function publish(logins: HubLogin[], messages: Iterable<TimedMessage>, { broker, clock, speed, signal, onProgress, onConnection }: ReplayOptions): Promise<Progress> {
  const publisher = new Publisher(broker, logins, { clock, ...(onConnection ? { onConnection } : {}) });
  const startMs = clock.nowMs();
  let firstMs: number | undefined;
  const pace = speed === 'max' ? atFullSpeed : (atMs: number, nowMs: number): number => {
    firstMs ??= atMs;
    return accelerated(speed, firstMs, startMs)(atMs, nowMs);
  };
  try {
    return await publisher.publish(messages, { pace, signal, ...(onProgress ? { onProgress } : {}) });
  } finally {
    await publisher.close();
  }
}
