import type { Reading } from '#libs/telemetry';
import { advanceHome, type DetectionClock } from './advance-home.js';
import { newHomeState, type HomeState } from './engine/home-state.js';
import type { AnyRule, Status } from './engine/rule.js';
import type { Finding } from './finding.js';
import type { DeviceFact, FleetBucket, HomeFacts } from './home-facts.js';
import { RULES } from './rules.js';
import type { Period } from './time/period.js';

/** For tests: a home in London in winter, where local time is UTC. */
export const DAY_MS = Date.UTC(2026, 10, 21);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** `08:30`, `08:30:15`, or with days before it: `1d 08:30`. */
export function at(time: string): number {
  const [, days = '0', clock = time] = /^(?:(\d+)d )?(.*)$/.exec(time) ?? [];
  const [hour = 0, minute = 0, second = 0] = clock.split(':').map(Number);
  return DAY_MS + ((Number(days) * 24 + hour) * 60 + minute) * MINUTE_MS + second * 1_000;
}

export function device(id: string, use: string, room = 'other', more: Partial<DeviceFact> = {}): DeviceFact {
  return { id, effectiveFromMs: 0, room, use, kinds: [], retired: false, ...more };
}

export function homeFacts(more: Partial<HomeFacts> = {}): HomeFacts {
  return {
    home: 'h1', timeZone: 'Europe/London', residents: [{ id: 'r1' }], contexts: [], rules: [],
    devices: [
      device('pir-hall', 'movement', 'hallway'), device('pir-lounge', 'movement', 'lounge'), device('door', 'exterior-door', 'hallway'),
      device('fridge', 'fridge', 'kitchen'), device('cuff', 'vital-signs', 'lounge'), device('pendant', 'wearable'), device('alarm', 'alarm', 'kitchen'),
      device('climate', 'climate', 'lounge'), device('bed', 'bed', 'bedroom'),
    ],
    ...more,
  };
}

export function reading(time: string | number, deviceId: string, kind: string, value: Reading['value'] = true, more: Partial<Reading> = {}): Reading {
  const atMs = typeof time === 'number' ? time : at(time);
  return { home: 'h1', device: deviceId, kind, value, atMs, receivedMs: atMs, clock: 'device', test: false, ...more };
}

export interface Play {
  facts?: HomeFacts;
  statuses?: Status[];
  fleet?: FleetBucket[];
  deaf?: Period[];
  clock?: DetectionClock;
  rules?: readonly AnyRule[];
  state?: HomeState;
}

/** What is found when these readings come, each when it was received, and time then goes on until `until`. */
export function found(readings: Reading[], until: string, play: Play = {}): Finding[] {
  const { facts = homeFacts(), statuses = [], fleet = [], deaf = [], clock = 'system', rules = RULES, state = newHomeState('h1') } = play;
  return advanceHome(state, { readings, statuses, fleet, deaf, facts, clock, nowMs: at(until) }, rules);
}

/** Findings in short: when, what, how grave. */
export function brief(findings: Finding[]): string[] {
  return findings.map(({ atMs, change, severity, reason }) => {
    const time = new Date(atMs).toISOString().slice(11, 19);
    return `${atMs >= DAY_MS + 24 * HOUR_MS ? `${Math.floor((atMs - DAY_MS) / (24 * HOUR_MS))}d ` : ''}${time} ${change} ${severity}: ${reason}`;
  });
}
