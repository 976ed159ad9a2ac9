const TRUE = new Set(['on', 'true', '1', 'yes', 'open', 'opened', 'detected', 'occupied', 'home', 'problem', 'wet']);
const FALSE = new Set(['off', 'false', '0', 'no', 'close', 'closed', 'clear', 'cleared', 'dry', 'none']);
/** Payloads that are plain text are short. */
const PLAIN_BYTES_MAX = 1_024;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;

/** True or false as devices write it: a word, 1 or 0; undefined for anything else. */
export function truthOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 0) return value === 1;
  if (typeof value !== 'string' || value.length > 16) return undefined;
  const word = value.trim().toLowerCase();
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
}

/** A number, or one written as a text; undefined for anything else, `nan` and the empty text included. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const text = value.trim();
  return NUMBER.test(text) ? Number(text) : undefined;
}

/** The payload as a short text; undefined if it is longer than any plain value. */
export function textOf(payload: Uint8Array): string | undefined {
  return payload.length > PLAIN_BYTES_MAX ? undefined : Buffer.from(payload).toString('utf8').trim();
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
