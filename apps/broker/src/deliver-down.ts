import { setTimeout as delay } from 'node:timers/promises';
import type { JournalEntry, JournalReader } from '#libs/journal';
import type { Logger } from '#libs/runtime';
import { parseTopic } from '#libs/telemetry';
import { counts } from './broker-metrics.js';
import { LIMITS } from './limits.js';
import type { Session, Sessions } from './session.js';
import { matchesFilter } from './subscriptions.js';

const POLL_EVERY_MS = 50;
const RETRY_AFTER_MS = 1_000;
const RELEASE_EVERY_MS = 1_000;
const BATCH = { entriesMax: 256, bytesMax: 1024 * 1024 };

export interface DownParts {
  reader: JournalReader;
  sessions: Sessions;
  logger: Logger;
  signal: AbortSignal;
  /** Told why the log can't be read, and null when it can be again. */
  onTrouble: (reason: string | null) => void;
}

/**
 * Sends what the service has for devices to those that are connected and subscribed, at QoS 1 at
 * most, until the signal. A restart repeats up to a second's messages and skips none. Each goes
 * straight to its subscribers: one that takes nothing holds up nobody else.
 */
export async function deliverDown({ reader, sessions, logger, signal, onTrouble }: DownParts): Promise<void> {
  let position = reader.savedPosition;
  let releasedAtMs = 0;
  let troubled = false;
  while (!signal.aborted) {
    try {
      const entries = await reader.readAfter(position, BATCH);
      for (const entry of entries) deliver(entry, sessions);
      position = entries.at(-1)?.position ?? position;
      const nowMs = performance.now();
      if (nowMs - releasedAtMs > RELEASE_EVERY_MS) {
        await reader.release(position);
        releasedAtMs = nowMs;
      }
      if (troubled) onTrouble(null);
      troubled = false;
      if (entries.length === 0) await pause(POLL_EVERY_MS, signal);
    } catch (error) {
      if (!troubled) logger.error({ err: error }, 'the log of messages to devices can not be read');
      troubled = true;
      onTrouble(error instanceof Error ? error.message : String(error));
      await pause(RETRY_AFTER_MS, signal);
    }
  }
  await reader.release(position).catch(() => undefined); // Else the next start repeats a second's messages.
}

function deliver({ topic, payload }: JournalEntry, sessions: Sessions): void {
  const parsed = parseTopic(topic);
  if (parsed.type === 'outside') return;
  for (const session of sessions.ofHome(parsed.home)) {
    const qos = subscribedQos(session, topic);
    if (qos === null || session.client.closed) continue;
    if (session.undelivered >= LIMITS.undelivered) {
      counts.undeliverable += 1;
      continue;
    }
    counts.delivered += 1;
    session.undelivered += 1;
    session.client.publish({ cmd: 'publish', topic: topic.slice(session.mount.length), payload: Buffer.from(payload), qos: qos === 0 ? 0 : 1, retain: false, dup: false }, () => {
      session.undelivered -= 1;
    });
  }
}

/** The highest QoS of the filters that match; null if none does. */
function subscribedQos({ subscriptions }: Session, topic: string): number | null {
  let highest: number | null = null;
  for (const [filter, qos] of subscriptions) {
    if (matchesFilter(filter, topic)) highest = Math.max(highest ?? 0, qos);
  }
  return highest;
}

const pause = (forMs: number, signal: AbortSignal): Promise<void> => delay(forMs, undefined, { signal }).catch(() => undefined);
