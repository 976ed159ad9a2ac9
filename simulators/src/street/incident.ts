import type { Firing } from './firings.js';
import { openDoor } from './firings.js';
import { DEVICE, type Household } from './household.js';
import { Random } from './random.js';

/** Something that is made to happen in a home of the street. */
export type Incident =
  | { kind: 'sos'; home: string; person: string; atMs: number }
  | { kind: 'night-exit'; home: string; person: string; atMs: number; backMs: number }
  | { kind: 'high-blood-pressure'; home: string; person: string; atMs: number; systolic: number; diastolic: number }
  | { kind: 'heating-failure'; home: string; fromMs: number };

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** One person's firings with what happened to them in place of what was planned. */
export function withIncidents(seed: number, household: Household, firings: readonly Firing[], incidents: readonly Incident[]): Firing[] {
  let all = [...firings];
  for (const incident of incidents) {
    if (incident.home !== household.plan.id || incident.kind === 'heating-failure') continue;
    const { person } = incident;
    const random = new Random(seed, incident.home, person, incident.atMs, incident.kind);
    const [fromMs, toMs] = spanOf(incident);
    all = all.filter((firing) => firing.person !== person || firing.atMs < fromMs || firing.atMs >= toMs);
    const add = (atMs: number, device: string, values: Firing['values']): void => {
      all.push({ atMs: Math.round(atMs), device, values, person });
    };
    if (incident.kind === 'sos') pressSos(incident.atMs, random, add);
    else if (incident.kind === 'night-exit') leaveAtNight(incident, household, random, add);
    else measureHigh(incident, household, random, add);
  }
  return all;
}

type Add = (atMs: number, device: string, values: Firing['values']) => void;

/** While this lasts the person does nothing else. */
function spanOf(incident: Exclude<Incident, { kind: 'heating-failure' }>): [number, number] {
  if (incident.kind === 'sos') return [incident.atMs - 3 * MINUTE_MS, incident.atMs + 12 * MINUTE_MS];
  if (incident.kind === 'night-exit') return [incident.atMs - 6 * MINUTE_MS, incident.backMs + 5 * MINUTE_MS];
  return [incident.atMs, incident.atMs];
}

/** Into the bathroom, one press, lying still, a second press four minutes later. */
function pressSos(atMs: number, random: Random, add: Add): void {
  add(atMs - 150 * SECOND_MS, DEVICE.pir('hallway'), { motion: true });
  add(atMs - 140 * SECOND_MS, DEVICE.pir('bathroom'), { motion: true });
  add(atMs, DEVICE.pendant, { sos: true });
  add(atMs + random.between(220, 260) * SECOND_MS, DEVICE.pendant, { sos: true });
}

/** Out of bed, through the hallway, out of the front door; nothing more until somebody brings them back. */
function leaveAtNight({ atMs, backMs, person }: Extract<Incident, { kind: 'night-exit' }>, household: Household, random: Random, add: Add): void {
  const mat = household.people.find(({ id }) => id === person)?.bedMat;
  if (mat) add(atMs - 5 * MINUTE_MS, mat, { bed_occupied: false });
  add(atMs - 280 * SECOND_MS, DEVICE.pir('bedroom'), { motion: true });
  add(atMs - 100 * SECOND_MS, DEVICE.pir('hallway'), { motion: true });
  add(atMs - 30 * SECOND_MS, DEVICE.pir('hallway'), { motion: true });
  openDoor(atMs, random, add);
  openDoor(backMs, random, add);
  add(backMs + 15 * SECOND_MS, DEVICE.pir('hallway'), { motion: true });
  add(backMs + 90 * SECOND_MS, DEVICE.pir('bedroom'), { motion: true });
  if (mat) add(backMs + 4 * MINUTE_MS, mat, { bed_occupied: true });
}

/** Measured, and measured again eight minutes later. */
function measureHigh({ atMs, person, systolic, diastolic }: Extract<Incident, { kind: 'high-blood-pressure' }>, household: Household, random: Random, add: Add): void {
  const cuff = household.people.find(({ id }) => id === person)?.cuff;
  if (!cuff) return;
  const rate = Math.round(random.normal(cuff.heartRate + 8, 3));
  add(atMs, cuff.device, { systolic, diastolic, heart_rate: rate });
  add(atMs + 8 * MINUTE_MS, cuff.device, { systolic: systolic - random.whole(1, 3), diastolic: diastolic - random.whole(0, 2), heart_rate: rate - random.whole(0, 4) });
}
