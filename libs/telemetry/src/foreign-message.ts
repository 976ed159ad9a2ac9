import type { DecodeFault, DecodeFaultCode, DecodeOptions, Decoded } from './decoded.js';
import type { DecoderMemory } from './decoder-memory.js';
import { judgeValue } from './canonical/judge-value.js';
import type { Reading } from './reading.js';

/** A message of a family: may be this long, in bytes. */
export const FOREIGN_BYTES_MAX = 256 * 1_024;
const FAULTS_MAX = 20;

/** A message below a family's base topic. */
export interface ForeignMessage {
  home: string;
  /** The topic below the base, `bridge/state` of `homes/h1/zigbee2mqtt/bridge/state`; never empty. */
  path: string;
  payload: Uint8Array;
  receivedMs: number;
  /** Published as retained: such a message may come again after a reconnect though nothing happened. */
  retain: boolean;
}

/** Reads a family's messages. Pure but for the memory, never throws. */
export type FamilyDecoder = (message: ForeignMessage, options: DecodeOptions, memory: DecoderMemory) => Decoded;

/** What all readings of one message share. */
export type ReadingTemplate = Omit<Reading, 'kind' | 'value'>;

/** Judges one value and keeps it as a reading or as a fault; a null says nothing. `place` is where it stood in the message. */
export function keepValue(decoded: Decoded, template: ReadingTemplate, kind: string, value: unknown, place = kind): void {
  if (value === null || value === undefined) return;
  const judgement = judgeValue(kind, value);
  if (judgement.verdict === 'kept') decoded.readings.push({ ...template, kind, value: judgement.value });
  else if (judgement.verdict === 'fault') keepFault(decoded, template, judgement.code, `${place.slice(0, 64)}: ${judgement.reason}`);
}

/** Adds a fault, up to 20 a message. */
export function keepFault(
  decoded: Decoded, origin: { home: string; device?: string | null }, code: DecodeFaultCode, reason: string,
): void {
  const fault: DecodeFault = { code, reason, home: origin.home, device: origin.device ?? null };
  if (decoded.faults.length < FAULTS_MAX) decoded.faults.push(fault);
}
