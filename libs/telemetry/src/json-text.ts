import { isUtf8 } from 'node:buffer';

export type JsonText =
  | { value: unknown; /** How many keys its objects were written with. */ keys: number; /** Set if it took a repair to read. */ repaired: boolean }
  | { reason: string };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Reads a payload as JSON. Numbers that JSON cannot write (`NaN`, `Infinity`, which some languages print
 * all the same) become null, so that they fail alone and not with the whole message. Nesting of any
 * depth is read without recursion; callers look two levels deep and no further. Never throws.
 */
export function readJson(payload: Uint8Array): JsonText {
  if (!isUtf8(payload)) return { reason: 'not UTF-8' };
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const text = bytes.toString('utf8', bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
  try {
    return { value: JSON.parse(text) as unknown, keys: countKeys(bytes), repaired: false };
  } catch {
    return readRepaired(text, bytes);
  }
}

function readRepaired(text: string, bytes: Uint8Array): JsonText {
  const repaired = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) => (token.startsWith('"') ? token : 'null'));
  if (repaired === text) return { reason: text.trim() === '' ? 'empty' : 'not JSON' };
  try {
    return { value: JSON.parse(repaired) as unknown, keys: countKeys(bytes), repaired: true };
  } catch {
    return { reason: 'not JSON' };
  }
}

/** Colons outside strings: in valid JSON each follows a key, so a key that is there twice shows. */
function countKeys(bytes: Uint8Array): number {
  let keys = 0;
  let inText = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inText) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) {
      inText = true;
    } else if (byte === COLON) {
      keys++;
    }
  }
  return keys;
}
