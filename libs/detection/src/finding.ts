/** Emergency: someone must go or call now. Urgent: within the hour. Routine: the next working day. Technical: the equipment. */
export type Severity = 'emergency' | 'urgent' | 'routine' | 'technical';

/** One reading that a finding rests on. */
export interface Evidence {
  device: string;
  kind: string;
  value: number | boolean | string;
  atMs: number;
}

/** What a rule says of somebody, or of the equipment, at one moment of its episode. */
export interface Finding {
  /** home/rule/subject/cause/time of the episode's first reading/step: unique for ever, so a repeat after a crash is recognised. */
  key: string;
  /** The key of the episode's first finding. */
  episode: string;
  /** `raise` opens an episode or raises its severity; `again` pages again; `clear`: its condition ended. */
  change: 'raise' | 'again' | 'clear';
  home: string;
  subjectKind: 'resident' | 'device' | 'home' | 'fleet';
  /** The resident's, device's or home's pseudonym; `fleet` for the fleet. */
  subject: string;
  rule: string;
  ruleVersion: number;
  cause: string;
  severity: Severity;
  /** When what it describes began, and when it was found; ms since 1970 UTC, by detection's time. */
  fromMs: number;
  atMs: number;
  /** A plain-English sentence with the numbers and the comparison. */
  reason: string;
  /** The same for family: no clinical detail. */
  familyReason: string;
  evidence: Evidence[];
  /** The parameters in force. */
  parameters: Record<string, number | boolean | string>;
}
