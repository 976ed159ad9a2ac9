import type { Reading } from '#libs/telemetry';
import type { DeviceFact } from '../home-facts.js';
import type { Activity } from './home-state.js';

/** Kinds that say that somebody is active, by themselves or when they change. */
export const ACTIVITY_KINDS = ['motion', 'vibration', 'button', 'opened', 'open', 'presence', 'bed_occupied', 'chair_occupied', 'dose'] as const;

/**
 * What a reading says about where somebody was active; undefined if nothing. A state counts when it
 * changes, never when it is sent again: bridges repeat what they remember.
 */
export function activityOf(reading: Reading, device: DeviceFact | undefined, changed: boolean): Activity | undefined {
  if (reading.test || device?.room === 'garden') return undefined;
  const activity = (where: Activity['where']): Activity => ({ atMs: reading.atMs, device: reading.device, kind: reading.kind, value: reading.value, where });
  const kind: string = reading.kind; // Any text may be a kind.
  switch (kind) {
    case 'motion':
    case 'vibration':
    case 'button':
      return activity('indoors');
    case 'opened':
      return activity(doorOf(device));
    case 'open':
      return changed ? activity(doorOf(device)) : undefined;
    case 'presence':
    case 'bed_occupied':
    case 'chair_occupied':
      return changed ? activity('indoors') : undefined;
    case 'dose':
      return reading.value === 'taken' ? activity('indoors') : undefined;
    default:
      return undefined;
  }
}

/** A contact that nobody registered may be on any door. */
function doorOf(device: DeviceFact | undefined): Activity['where'] {
  if (device === undefined) return 'unknown';
  return device.use === 'exterior-door' ? 'exterior-door' : 'indoors';
}
