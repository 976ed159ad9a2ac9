import type { Reading } from '#libs/telemetry';
import type { Period } from '../time/period.js';
import type { RuleState, Status } from './rule.js';

/** What waits for its turn in the sorted lane. */
export interface Waiting {
  atMs: number;
  /** Order among those of one millisecond, the same however they came; equal for a repeat. */
  order: string;
  reading?: Reading;
  status?: Status;
}

/** Where somebody was last active, by a sensor. */
export interface Activity {
  atMs: number;
  device: string;
  /** What the device said. */
  kind: string;
  value: boolean | number | string;
  /** `indoors`: somebody moved inside. `exterior-door`: an outside door moved. `unknown`: a door that nobody registered. */
  where: 'indoors' | 'exterior-door' | 'unknown';
}

/** What is known of a hub from what it says of itself. */
export interface HubState {
  /** Heard by a status, or by any reading if it is the home's only hub. */
  heardMs: number;
  /** When it last said whether it is online. */
  saidMs: number;
  online: boolean;
  /** Since when it is heard again after a silence. */
  backMs: number;
  /** The last silence that has ended. */
  outage?: Period;
}

/** What several rules ask about the home; kept by the engine in the sorted lane. */
export interface HomeMemory {
  /** The newest activity of each kind of place. */
  activity: { indoors?: Activity; 'exterior-door'?: Activity; unknown?: Activity };
  /** The newest value of each state of each device (`device|kind`), and when: a state sent again is no event. */
  states: Record<string, [value: boolean, atMs: number]>;
  hubs: Record<string, HubState>;
}

/**
 * All that detection remembers of a home: plain JSON data, saved with the journal's position.
 * Names of devices are never used as keys bare: one may be called `__proto__`.
 */
export interface HomeState {
  version: 1;
  home: string;
  /** How far the home's time has come; never goes back. */
  nowMs: number;
  /** How far the sorted lane has come. */
  watermarkMs: number;
  waiting: Waiting[];
  /** The last readings of each device and kind of the at-once lane (`device|kind`), to recognise repeats. */
  recent: Record<string, [identity: string, nowMs: number][]>;
  memory: HomeMemory;
  /** By rule, then by subject and part: `resident:r1`, `device:d1|heat`. */
  rules: Record<string, Record<string, RuleState>>;
}

export function newHomeState(home: string): HomeState {
  return {
    version: 1, home, nowMs: 0, watermarkMs: 0, waiting: [], recent: {}, memory: { activity: {}, states: {}, hubs: {} }, rules: {},
  };
}
