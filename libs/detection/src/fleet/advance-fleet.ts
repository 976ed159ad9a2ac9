import type { Finding } from '../finding.js';
import type { FleetBucket } from '../home-facts.js';
import { spoken } from '../time/spoken.js';
import { BUCKET_AGE_MIN_MS, BUCKET_MS, isSilent } from './silent-periods.js';

/** No home can be called this: it is in no pseudonym's alphabet. */
export const FLEET = '*';
export const FLEET_SILENT = {
  id: 'fleet-silent', version: 1, title: 'The whole fleet is silent',
  /**
   * Technical findings wait for an hour, longer than the half hour that a person's clock is stopped for:
   * 28 real homes were all silent for 30 to 40 minutes on one night in six, at about four in the morning.
   */
  afterMs: 60 * 60_000,
  /** A home that gets a word through does not end it: so long must the fleet be heard. */
  clearAfterMs: 30 * 60_000,
} as const;

/** What the fleet's silence has come to; plain data. */
export interface FleetState {
  /** Start of the newest bucket that was looked at. */
  seenMs: number;
  /** Since when nearly all are silent. */
  fromMs?: number;
  /** The key of the finding that says so. */
  episode?: string;
  /** Since when it is heard again, while that is not for long. */
  heardFromMs?: number;
}

export function newFleetState(): FleetState {
  return { seenMs: -1 };
}

/**
 * One technical finding when nearly the whole fleet falls silent, one when it is heard again. Buckets
 * ascend and may repeat; `nowMs` is detection's time for the fleet: the newest of all. The state is changed.
 */
export function advanceFleet(state: FleetState, buckets: readonly FleetBucket[], nowMs: number): Finding[] {
  const findings: Finding[] = [];
  for (const bucket of buckets) {
    if (bucket.startMs <= state.seenMs || bucket.startMs + BUCKET_MS + BUCKET_AGE_MIN_MS > nowMs) continue;
    state.seenMs = bucket.startMs;
    const atMs = bucket.startMs + BUCKET_MS + BUCKET_AGE_MIN_MS;
    if (isSilent(bucket)) {
      delete state.heardFromMs;
      state.fromMs ??= bucket.startMs;
    } else {
      state.heardFromMs ??= bucket.startMs;
      const back = bucket.startMs + BUCKET_MS - state.heardFromMs >= FLEET_SILENT.clearAfterMs;
      if (state.episode === undefined) delete state.fromMs;
      else if (back && state.fromMs !== undefined) findings.push(heardAgain(state.fromMs, state.heardFromMs, state.episode, bucket, atMs));
      if (back || state.episode === undefined) {
        delete state.fromMs;
        delete state.episode;
      }
      continue;
    }
    if (state.episode !== undefined || bucket.startMs + BUCKET_MS - state.fromMs < FLEET_SILENT.afterMs) continue;
    const finding = silent(state.fromMs, bucket, atMs);
    state.episode = finding.key;
    findings.push(finding);
  }
  return findings;
}

function silent(fromMs: number, bucket: FleetBucket, atMs: number): Finding {
  const key = keyOf(fromMs, 'technical');
  const since = spoken(bucket.startMs + BUCKET_MS - fromMs);
  const reason = `${bucket.known - bucket.heard} of ${bucket.known} homes have not been heard for ${since}: look for a fault of the platform or the network. `
    + 'Nobody is being watched meanwhile';
  return { ...shared(fromMs, atMs), key, episode: key, change: 'raise', reason, familyReason: 'The monitoring service is receiving nothing at the moment' };
}

function heardAgain(fromMs: number, untilMs: number, episode: string, bucket: FleetBucket, atMs: number): Finding {
  const reason = `${bucket.heard} of ${bucket.known} homes are heard again after ${spoken(untilMs - fromMs)}`;
  return { ...shared(fromMs, atMs), key: keyOf(fromMs, 'clear'), episode, change: 'clear', reason, familyReason: 'The monitoring service is receiving again' };
}

function keyOf(fromMs: number, step: string): string {
  return `${FLEET}/${FLEET_SILENT.id}/fleet:${FLEET}/silent/${fromMs}/${step}`;
}

function shared(fromMs: number, atMs: number) {
  return {
    home: FLEET, subjectKind: 'fleet', subject: FLEET, rule: FLEET_SILENT.id, ruleVersion: FLEET_SILENT.version, cause: 'silent',
    severity: 'technical', fromMs, atMs, evidence: [], parameters: { afterMs: FLEET_SILENT.afterMs },
  } as const satisfies Partial<Finding>;
}
