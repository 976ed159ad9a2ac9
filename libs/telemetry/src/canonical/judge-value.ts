import type { DecodeFaultCode } from '../decoded.js';
import { KINDS, type KindSpec } from '../kinds.js';

/** Texts of unknown kinds are kept up to this many characters (code points). */
export const TEXT_CHARACTERS_MAX = 200;
/** How an unknown kind may be called. */
export const KIND_NAME = /^[a-z][a-z0-9_]{0,63}$/;

const SPECS: ReadonlyMap<string, KindSpec> = new Map(Object.entries(KINDS));
// oxlint-disable-next-line no-control-regex -- these are the characters that a text may not hold
const UNPRINTABLE = /[\u0000-\u001f\u007f]/;

/** The value as it is kept; or nothing at all, which is no fault; or why not. */
export type Judgement =
  | { verdict: 'kept'; value: number | boolean | string }
  | { verdict: 'nothing' }
  | { verdict: 'fault'; code: DecodeFaultCode; reason: string };

const NOTHING: Judgement = { verdict: 'nothing' };

/**
 * Judges one value of a message alone. An event is `true`; `false` says that nothing happened, which is
 * neither a reading nor a fault (bridges make it up when a sensor falls quiet).
 */
export function judgeValue(kind: string, value: unknown): Judgement {
  const spec = SPECS.get(kind);
  if (spec === undefined) return judgeUnknown(kind, value);
  switch (spec.type) {
    case 'event':
      if (value === true) return { verdict: 'kept', value };
      return value === false ? NOTHING : wrongType(value, 'true');
    case 'state':
      return typeof value === 'boolean' ? { verdict: 'kept', value } : wrongType(value, 'true or false');
    case 'number':
      return judgeNumber(spec, value);
    case 'choice':
      return judgeChoice(spec.choices ?? [], value);
    default:
      return spec.type satisfies never;
  }
}

/** True for a kind of the table. */
export function isKnownKind(kind: string): boolean {
  return SPECS.has(kind);
}

function judgeNumber(spec: KindSpec, value: unknown): Judgement {
  if (typeof value !== 'number') return wrongType(value, 'a number');
  const { min = -Infinity, max = Infinity } = spec;
  if (value >= min && value <= max && Number.isFinite(value)) return { verdict: 'kept', value: value + 0 };
  return { verdict: 'fault', code: 'HW-DECODE-RANGE', reason: `${value} is outside ${min}…${max}` };
}

function judgeChoice(choices: readonly string[], value: unknown): Judgement {
  if (typeof value === 'string' && choices.includes(value)) return { verdict: 'kept', value };
  if (typeof value !== 'string') return wrongType(value, `one of ${choices.join(', ')}`);
  return { verdict: 'fault', code: 'HW-DECODE-RANGE', reason: `${shortened(value)} is none of ${choices.join(', ')}` };
}

function judgeUnknown(kind: string, value: unknown): Judgement {
  if (!KIND_NAME.test(kind)) {
    return { verdict: 'fault', code: 'HW-DECODE-KIND', reason: 'not a name of a kind (a–z, 0–9 and _, a letter first, 64 at most)' };
  }
  if (typeof value === 'boolean') return { verdict: 'kept', value };
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return { verdict: 'kept', value: value + 0 };
    return { verdict: 'fault', code: 'HW-DECODE-RANGE', reason: 'too large for a number' };
  }
  if (typeof value !== 'string') return wrongType(value, 'a number, true, false or a short text');
  const short = value.length <= TEXT_CHARACTERS_MAX || Array.from(value.slice(0, 2 * TEXT_CHARACTERS_MAX + 1)).length <= TEXT_CHARACTERS_MAX;
  if (short && value.isWellFormed() && !UNPRINTABLE.test(value)) return { verdict: 'kept', value };
  const reason = short ? 'a text with control characters' : `a text of more than ${TEXT_CHARACTERS_MAX} characters`;
  return { verdict: 'fault', code: 'HW-DECODE-RANGE', reason };
}

function wrongType(value: unknown, wanted: string): Judgement {
  return { verdict: 'fault', code: 'HW-DECODE-TYPE', reason: `${shown(value)} is not ${wanted}` };
}

/** A value for a person to read: never long, never the inside of an object, however deep. */
function shown(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return shortened(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}


function shortened(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
