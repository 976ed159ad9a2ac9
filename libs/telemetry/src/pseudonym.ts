import { isPseudonym } from './topics.js';

const LENGTH_MAX = 64;
const HASH_DIGITS = 8;

/**
 * The pseudonym of a device whose maker or installer named it otherwise. A name that is a pseudonym stays
 * as it is; of any other, what is outside the alphabet becomes `-` and a hash of the whole name is
 * added, so that names that differ only there stay apart: `Hall PIR` is always `Hall-PIR-` and the same eight digits.
 */
export function pseudonymOf(name: string): string {
  if (isPseudonym(name)) return name;
  const plain = name.normalize('NFKD').replaceAll(/\p{Mark}/gu, '').replaceAll(/[^A-Za-z0-9_]+/g, '-').replaceAll(/^-+|-+$/g, '');
  const hash = hashOf(name).toString(16).padStart(HASH_DIGITS, '0');
  return [plain.slice(0, LENGTH_MAX - HASH_DIGITS - 1), hash].filter((part) => part !== '').join('-');
}

/** FNV-1a, 32 bits, over UTF-16 code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
