import { decodeCanonical } from './canonical/decode-canonical.js';
import type { DecodeOptions, Decoded, Message } from './decoded.js';
import { decodeStatus } from './status/decode-status.js';
import { parseTopic } from './topics.js';

/**
 * What a message says, and what of it could not be read and why; see docs/mqtt.md. Pure: the same message
 * and options give the same answer, so bytes kept in quarantine can be decoded again. Never throws.
 * A message with a fault belongs in quarantine, its readings count all the same.
 */
export function decodeMessage(message: Message, options: DecodeOptions): Decoded {
  const topic = parseTopic(message.topic);
  switch (topic.type) {
    case 'readings':
      return decodeCanonical(topic, message.payload, message.receivedMs, options);
    case 'device-status':
      return { readings: [], ...decodeStatus({ home: topic.home, device: topic.device }, message.payload) };
    case 'hub-status':
      return { readings: [], ...decodeStatus({ home: topic.home, hub: topic.hub }, message.payload) };
    case 'foreign':
      return unread('HW-DECODE-FAMILY', `no decoder yet for ${topic.family}`, topic.home);
    case 'unknown':
      return unread('HW-DECODE-TOPIC', 'no topic of ours', topic.home);
    case 'service':
      return unread('HW-DECODE-TOPIC', 'a topic on which only the service publishes', topic.home);
    case 'outside':
      return unread('HW-DECODE-TOPIC', 'not below a home', null);
    default:
      return topic satisfies never;
  }
}

function unread(code: 'HW-DECODE-FAMILY' | 'HW-DECODE-TOPIC', reason: string, home: string | null): Decoded {
  return { readings: [], faults: [{ code, reason, home, device: null }] };
}
