import type { Decoded, DecodeOptions } from '../decoded.js';
import { familyPart, type DecoderMemory } from '../decoder-memory.js';
import { FOREIGN_BYTES_MAX, keepFault, type ForeignMessage, type ReadingTemplate } from '../foreign-message.js';
import { readJson } from '../json-text.js';
import type { LastStates } from '../last-states.js';
import { isObject, textOf } from '../plain-value.js';
import { pseudonymOf } from '../pseudonym.js';
import { keepBroadcast } from './keep-broadcast.js';
import { isRepeated, type Heard } from './repeated-broadcast.js';

const VERSION = 1;
const OF_THE_GATEWAY = /^(?:SYStoMQTT|RLStoMQTT|WebUItoMQTT|LOGtoMQTT|undecoded|version|commands|home_presence|presence|internal)$/;

/**
 * OpenMQTTGateway and Theengs with `homes/<home>/theengs/` as base topic: `<gateway>/BTtoMQTT/<address>`. Whatever sends
 * Bluetooth within reach is heard, the neighbours' devices too: only devices that are registered in the home are read,
 * under their address (`options.isRegistered`); of any other nothing is kept, not even a fault, and it is counted (`unheard`).
 */
export function decodeTheengs(message: ForeignMessage, options: DecodeOptions, memory: DecoderMemory): Decoded {
  const decoded: Decoded = { readings: [], faults: [] };
  const { home, path, payload, receivedMs } = message;
  const levels = path.split('/');
  const bluetooth = levels.indexOf('BTtoMQTT');
  if (bluetooth < 0) {
    keepOfGateway(decoded, home, levels, payload);
    return decoded;
  }
  const json = payload.length > FOREIGN_BYTES_MAX ? { reason: `${payload.length} bytes are more than ${FOREIGN_BYTES_MAX}` } : readJson(payload);
  const body = 'value' in json && isObject(json.value) ? json.value : undefined;
  const address = addressOf(levels[bluetooth + 1]) ?? addressOf(body?.id) ?? addressOf(body?.mac);
  if (address === undefined) return decoded; // The gateway's own state, or a message without an address: nobody's.
  const { isRegistered = () => true } = options;
  const device = spellingsOf(address).find((spelling) => isRegistered(home, spelling, receivedMs));
  if (device === undefined) return { ...decoded, unheard: 1 };
  if (body === undefined) {
    keepFault(decoded, { home, device }, 'HW-DECODE-JSON', 'reason' in json ? json.reason : 'not an object');
    return decoded;
  }
  const part = familyPart(memory, 'theengs', VERSION, () => ({ states: {} as LastStates, heard: {} as Heard }));
  if (isRepeated(part.heard, device, body, message)) return decoded;
  const template: ReadingTemplate = { home, device, atMs: receivedMs, receivedMs, clock: 'arrival', test: false };
  keepBroadcast(decoded, template, body, part.states);
  return decoded;
}

/** `A4:C1:38:D2:E1:F0`, with or without colons, as its twelve digits in large letters. */
function addressOf(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > 17) return undefined;
  const digits = text.replaceAll(/[:-]/g, '').toUpperCase();
  return /^[0-9A-F]{12}$/.test(digits) ? digits : undefined;
}

/** As an installer may have registered it; the first is how we write it. */
function spellingsOf(address: string): string[] {
  const pairs = address.match(/../g) ?? [];
  return [address, pairs.join('-'), pairs.join('_')].flatMap((spelling) => [spelling, spelling.toLowerCase()]);
}

function keepOfGateway(decoded: Decoded, home: string, levels: readonly string[], payload: Uint8Array): void {
  const gateway = levels.slice(0, -1).join('/');
  if (levels.at(-1) === 'LWT' && gateway !== '') {
    const word = textOf(payload)?.toLowerCase();
    if (word === 'online' || word === 'offline') decoded.status = { home, hub: pseudonymOf(gateway), online: word === 'online' };
    else keepFault(decoded, { home }, 'HW-DECODE-SHAPE', 'LWT: neither online nor offline');
  } else if (!levels.some((level) => OF_THE_GATEWAY.test(level))) {
    keepFault(decoded, { home }, 'HW-DECODE-TOPIC', `${levels.join('/').slice(0, 100)}: not read of OpenMQTTGateway; only Bluetooth is`);
  }
}
