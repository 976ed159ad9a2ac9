import type { Reading } from '#libs/telemetry';
import type { PreparedFacts } from './prepared-facts.js';
import type { Subject } from './rule-context.js';
import type { SubjectOf } from './rule.js';

/**
 * Whom a reading concerns. The message may say it, else the device's registration, else there is only
 * one resident. A message that names somebody unknown says that it is not the person we would guess, so
 * it stays with the device.
 */
export function subjectOf(wanted: SubjectOf, home: string, reading: Reading, facts: PreparedFacts): Subject {
  switch (wanted) {
    case 'resident-or-device': {
      const resident = residentOf(reading, facts);
      return resident === undefined ? { kind: 'device', id: reading.device } : { kind: 'resident', id: resident };
    }
    case 'resident-or-home': {
      const resident = facts.onlyResident;
      return resident === undefined ? { kind: 'home', id: home } : { kind: 'resident', id: resident };
    }
    case 'device':
      return { kind: 'device', id: reading.device };
    case 'home':
      return { kind: 'home', id: home };
    default:
      return wanted satisfies never;
  }
}

function residentOf(reading: Reading, facts: PreparedFacts): string | undefined {
  if (reading.resident !== undefined) return facts.isResident(reading.resident) ? reading.resident : undefined;
  const registered = facts.device(reading.device, reading.atMs)?.resident;
  return registered !== undefined && facts.isResident(registered) ? registered : facts.onlyResident;
}

/** Where a subject's state is kept: `resident:r1`, with a part `device:d1|heat`. */
export function stateKey(subject: Subject, part: string | undefined): string {
  return part === undefined ? `${subject.kind}:${subject.id}` : `${subject.kind}:${subject.id}|${part}`;
}

/** The subject of a state's key. */
export function subjectOfKey(key: string): Subject {
  const colon = key.indexOf(':');
  const bar = key.indexOf('|');
  return { kind: key.slice(0, colon) as Subject['kind'], id: key.slice(colon + 1, bar < 0 ? undefined : bar) };
}

/**
 * False once somebody was registered who changes whom the home's readings concern: what was begun for the
 * one before gets no readings any more, so its silence means nothing.
 */
export function isStillSubject(wanted: SubjectOf, subject: Subject, facts: PreparedFacts): boolean {
  if (wanted !== 'resident-or-home') return true;
  const resident = facts.onlyResident;
  return resident === undefined ? subject.kind === 'home' : subject.kind === 'resident' && subject.id === resident;
}
