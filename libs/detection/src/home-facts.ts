/** A device from `effectiveFromMs` on, until a later version of it. */
export interface DeviceFact {
  id: string;
  effectiveFromMs: number;
  room: string;
  use: string;
  kinds: string[];
  resident?: string;
  retired: boolean;
}

/** What is known to be going on in a home. */
export interface ContextFact {
  kind: string;
  fromMs: number;
  untilMs: number;
}

/** A home's own setting of a rule, from `effectiveFromMs` on. */
export interface RuleFact {
  rule: string;
  effectiveFromMs: number;
  enabled: boolean;
  parameters: Record<string, number | boolean | string>;
}

/** All that detection knows of a home beside its readings: rows with their times, never "now". */
export interface HomeFacts {
  home: string;
  /** IANA, such as Europe/London. */
  timeZone: string;
  residents: { id: string }[];
  devices: DeviceFact[];
  contexts: ContextFact[];
  rules: RuleFact[];
}

/** How many homes were heard in 5 minutes of detection's time, of how many known. */
export interface FleetBucket {
  startMs: number;
  heard: number;
  known: number;
}
