import type { Client, Subscription } from 'aedes';
import { LIMITS } from './limits.js';
import type { SecurityLog } from './security-log.js';
import type { Sessions } from './session.js';

type Callback = (error: Error | null, subscription?: Subscription | null) => void;

/**
 * A login subscribes below its own home and nowhere else; anything else is answered with failure
 * (SUBACK 128). What devices publish is never passed on to other devices: subscribers get what the
 * service sends, and only that.
 */
export function authorizeSubscriptions(sessions: Sessions, security: SecurityLog): (client: Client, subscription: Subscription, callback: Callback) => void {
  return (client, subscription, callback) => {
    const session = sessions.of(client);
    if (session === undefined) return callback(null, null);
    const { qos } = subscription;
    const topic = session.mount + subscription.topic;
    const full = session.subscriptions.size >= LIMITS.subscriptionsPerConnection && !session.subscriptions.has(topic);
    if (!topic.startsWith(session.prefix) || topic.length > LIMITS.topic || full) {
      security.refused({ code: 'HW-MQTT-SUBSCRIBE', home: session.home, username: session.username, detail: full ? 'too many subscriptions' : 'a subscription outside what its login reaches' });
      return callback(null, null);
    }
    session.subscriptions.set(topic, qos);
    callback(null, subscription);
  };
}

/** MQTT 3.1.1, 4.7: whether a filter that begins with a level of its own matches a topic. */
export function matchesFilter(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return index === wanted.length - 1;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
