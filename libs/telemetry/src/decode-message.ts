import { decodeCanonical } from './canonical/decode-canonical.js';
import type { DecodeOptions, Decoded, Message } from './decoded.js';
import type { DecoderMemory } from './decoder-memory.js';
import { FAMILIES } from './families.js';
import { decodeDiscovered } from './homeassistant/decode-discovered.js';
import { decodeStatus } from './status/decode-status.js';
import { parseTopic, type ForeignFamily } from './topics.js';

const PREFIX = 'homes/';

/**
 * What a message says, and what of it could not be read and why; see docs/mqtt.md. Pure: the same message,
 * options and memory give the same answer, so bytes kept in quarantine can be decoded again. Never throws.
 *
 * Families of devices that do not speak the canonical format remember things from message to message:
 * `memory` is what the home's messages before this one left (`memoryHome` tells who needs one), and is
 * changed in place. Without one a message is read as the first of its home.
 *
 * A message with a fault belongs in quarantine, its readings count all the same.
 */
export function decodeMessage(message: Message, options: DecodeOptions, memory?: DecoderMemory): Decoded {
  const topic = parseTopic(message.topic);
  switch (topic.type) {
    case 'readings':
      return decodeCanonical(topic, message.payload, message.receivedMs, options);
    case 'device-status':
      return { readings: [], ...decodeStatus({ home: topic.home, device: topic.device }, message.payload) };
    case 'hub-status':
      return { readings: [], ...decodeStatus({ home: topic.home, hub: topic.hub }, message.payload) };
    case 'foreign':
      return decodeForeign(message, topic, options, memory ?? {});
    case 'unknown':
      return decodeUnknown(message, topic.home, memory ?? {});
    case 'service':
      return unread('HW-DECODE-TOPIC', 'a topic on which only the service publishes', topic.home);
    case 'outside':
      return unread('HW-DECODE-TOPIC', 'not below a home', null);
    default:
      return topic satisfies never;
  }
}

/**
 * The home whose memory a message on this topic needs, undefined for what is read without one: a cheap
 * look, made for every message so that the memories of a batch can be loaded before it is decoded.
 */
export function memoryHome(topic: string): string | undefined {
  const homeEnd = topic.indexOf('/', PREFIX.length);
  if (homeEnd < 0 || topic.startsWith('devices/', homeEnd + 1)) return undefined;
  const parsed = parseTopic(topic);
  return parsed.type === 'foreign' || parsed.type === 'unknown' ? parsed.home : undefined;
}

function decodeForeign(message: Message, { home, family }: { home: string; family: ForeignFamily }, options: DecodeOptions, memory: DecoderMemory): Decoded {
  const decode = FAMILIES[family];
  const path = message.topic.slice(PREFIX.length + home.length + family.length + 2);
  if (path === '') return unread('HW-DECODE-TOPIC', 'nothing below the base topic', home);
  try {
    return decode({ home, path, payload: message.payload, receivedMs: message.receivedMs, retain: message.retain === true }, options, memory);
  } catch (error) { // A decoder that fails costs its message alone, which is kept, never the journal behind it.
    return unread('HW-DECODE-FAMILY', `the decoder for ${family} failed: ${String(error).slice(0, 200)}`, home);
  }
}

/** A topic that means nothing to us, unless a discovery message has told what it means. */
function decodeUnknown(message: Message, home: string, memory: DecoderMemory): Decoded {
  const topic = message.topic.slice(PREFIX.length + home.length + 1);
  try {
    const decoded = decodeDiscovered({ home, payload: message.payload, receivedMs: message.receivedMs, retain: message.retain === true }, topic, memory);
    return decoded ?? unread('HW-DECODE-TOPIC', 'no topic of ours, and no discovery message has told what it means', home);
  } catch (error) {
    return unread('HW-DECODE-FAMILY', `the decoder for homeassistant failed: ${String(error).slice(0, 200)}`, home);
  }
}

function unread(code: 'HW-DECODE-FAMILY' | 'HW-DECODE-TOPIC', reason: string, home: string | null): Decoded {
  return { readings: [], faults: [{ code, reason, home, device: null }] };
}
