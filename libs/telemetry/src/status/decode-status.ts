import type { DecodeFault, DecodeFaultCode, DeviceStatus } from '../decoded.js';
import { readJson } from '../json-text.js';

/** A status is a word or a small object. */
export const STATUS_BYTES_MAX = 4 * 1_024;
const LINK = /^[a-z0-9_-]{1,32}$/;

/**
 * The status of a device or hub: `online`, `offline`, or an object with `state` and, from a hub, `mains`,
 * `queued` and `link`. A field that cannot be read is a fault and the rest still counts. An empty payload
 * is a retained status being removed: it says nothing. Never throws.
 */
export function decodeStatus(
  origin: { home: string; device?: string; hub?: string }, payload: Uint8Array,
): { status?: DeviceStatus; faults: DecodeFault[] } {
  const faults: DecodeFault[] = [];
  const fault = (code: DecodeFaultCode, reason: string): void => {
    faults.push({ code, reason, home: origin.home, device: origin.device ?? origin.hub ?? null });
  };
  if (payload.length === 0) return { faults };
  if (payload.length > STATUS_BYTES_MAX) {
    fault('HW-DECODE-SIZE', `${payload.length} bytes are more than ${STATUS_BYTES_MAX}`);
    return { faults };
  }
  const told = readStatus(payload);
  if ('reason' in told) {
    fault(told.code, told.reason);
    return { faults };
  }
  const status: DeviceStatus = { ...origin, online: told.online };
  const { mains, queued, link } = told.fields;
  if (typeof mains === 'boolean') status.mains = mains;
  else if (isGiven(mains)) fault('HW-DECODE-FIELD', 'mains: neither true nor false');
  if (typeof queued === 'number' && Number.isSafeInteger(queued) && queued >= 0) status.queued = queued;
  else if (isGiven(queued)) fault('HW-DECODE-FIELD', 'queued: not a whole number from 0');
  if (typeof link === 'string' && LINK.test(link)) status.link = link;
  else if (isGiven(link)) fault('HW-DECODE-FIELD', 'link: not a short word');
  return { status, faults };
}

type Told = { online: boolean; fields: Record<string, unknown> } | { code: DecodeFaultCode; reason: string };

function readStatus(payload: Uint8Array): Told {
  const word = Buffer.from(payload).toString('latin1').trim();
  if (word === 'online' || word === 'offline') return { online: word === 'online', fields: {} };
  const json = readJson(payload);
  if ('reason' in json) return { code: 'HW-DECODE-JSON', reason: `neither online, offline nor an object: ${json.reason}` };
  const { value } = json;
  if (value === 'online' || value === 'offline') return { online: value === 'online', fields: {} };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { code: 'HW-DECODE-SHAPE', reason: 'neither online, offline nor an object' };
  }
  const fields = value as Record<string, unknown>;
  if (fields.state !== 'online' && fields.state !== 'offline') {
    return { code: 'HW-DECODE-FIELD', reason: 'state: neither online nor offline' };
  }
  return { online: fields.state === 'online', fields };
}

function isGiven(field: unknown): boolean {
  return field !== undefined && field !== null;
}
