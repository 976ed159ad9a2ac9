import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** OWASP's second choice for argon2id (Password Storage Cheat Sheet): 19 MiB, 2 passes, 1 lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** A password's hash in the PHC string format, with its salt and cost. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT_BYTES);
  const tag = await derive('argon2id', { message: password.normalize('NFC'), nonce, ...COST, tagLength: TAG_BYTES });
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
}

/** Whether this is the password; takes as long for a hash that cannot be read (`''`: there is no such user). */
export async function passwordMatches(password: string, hash: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(hash) ?? [];
  const kept = tag === undefined ? Buffer.alloc(TAG_BYTES) : Buffer.from(tag, 'base64');
  const given = await derive('argon2id', {
    message: password.normalize('NFC'),
    nonce: salt === undefined ? Buffer.alloc(SALT_BYTES) : Buffer.from(salt, 'base64'),
    memory: Number(memory ?? COST.memory),
    passes: Number(passes ?? COST.passes),
    parallelism: Number(parallelism ?? COST.parallelism),
    tagLength: kept.length,
  });
  return timingSafeEqual(kept, given) && tag !== undefined;
}

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'; // Without those that look alike.
const GROUPS = 5;
const GROUP_LETTERS = 5;

/** 25 letters and digits in groups, 123 random bits, fit for reading out and typing. */
export function newPassword(): string {
  const groups: string[] = [];
  while (groups.length < GROUPS) {
    let group = '';
    while (group.length < GROUP_LETTERS) {
      const byte = randomBytes(1)[0]! & 31;
      if (byte < LETTERS.length) group += LETTERS.charAt(byte);
    }
    groups.push(group);
  }
  return groups.join('-');
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
