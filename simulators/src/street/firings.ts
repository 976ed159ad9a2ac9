import type { Values } from '../timed-message.js';
import type { Activity } from './day-plan.js';
import { DEVICE, type Household, type Person, type Room } from './household.js';
import { Random } from './random.js';

/** What one sensor sends at one time, and because of whom. */
export interface Firing {
  atMs: number;
  device: string;
  values: Values;
  person?: string;
}

/** How often a movement sensor sees somebody who does that, minutes on average. */
const SEEN_EVERY_MINUTES: Record<Activity['what'], number> = {
  sleep: 240, 'night visit': 1.5, wash: 1.4, breakfast: 1.8, meal: 1.8, kitchen: 1.5, rest: 7, bathroom: 1.6, out: Infinity, dress: 1.5,
};

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/**
 * What the sensors of a home send while one person does what the plan says. Each activity has a
 * random stream of its own, so a day reads the same from whichever side it is approached.
 */
export function firingsOf(seed: number, household: Household, person: Person, activities: readonly Activity[]): Firing[] {
  const firings: Firing[] = [];
  activities.forEach((activity, index) => {
    const random = new Random(seed, household.plan.id, person.id, activity.fromMs, activity.what);
    const add = (atMs: number, device: string, values: Values): void => {
      firings.push({ atMs: Math.round(atMs), device, values, person: person.id });
    };
    const before = activities[index - 1];
    if (before && before.where !== activity.where) walk(activity, before, random, add);
    if (activity.where === 'out') return;
    inRoom(activity, activity.where, random, add);
    if (activity.what === 'sleep') {
      add(activity.fromMs + random.between(60, 240) * SECOND_MS, person.bedMat, { bed_occupied: true });
      add(activity.toMs - random.between(5, 40) * SECOND_MS, person.bedMat, { bed_occupied: false });
    }
    if (activity.what === 'meal' || activity.what === 'breakfast') fridge(activity, random, add);
    if (activity.what === 'breakfast') measure(activity.toMs, person, random, add);
  });
  return firings;
}

type Add = (atMs: number, device: string, values: Values) => void;

/** Through the hallway, and through the front door on the way out or in. */
function walk(to: Activity, from: Activity, random: Random, add: Add): void {
  const atMs = to.fromMs;
  if (from.where === 'out') openDoor(atMs - 25 * SECOND_MS, random, add);
  add(atMs - random.between(4, 9) * SECOND_MS, DEVICE.pir('hallway'), { motion: true });
  if (to.where === 'out') openDoor(atMs, random, add);
}

export function openDoor(atMs: number, random: Random, add: Add): void {
  add(atMs, DEVICE.frontDoor, { open: true });
  add(atMs + random.between(5, 14) * SECOND_MS, DEVICE.frontDoor, { open: false });
}

function inRoom(activity: Activity, room: Room, random: Random, add: Add): void {
  const everyMs = SEEN_EVERY_MINUTES[activity.what] * MINUTE_MS;
  if (activity.what !== 'sleep') add(activity.fromMs + random.between(0, 3) * SECOND_MS, DEVICE.pir(room), { motion: true });
  for (let atMs = activity.fromMs + random.gap(everyMs); atMs < activity.toMs; atMs += random.gap(everyMs)) {
    add(atMs, DEVICE.pir(room), { motion: true });
  }
}

function fridge(meal: Activity, random: Random, add: Add): void {
  for (let visit = random.whole(1, 3); visit > 0; visit -= 1) {
    const atMs = random.between(meal.fromMs, meal.toMs - 2 * MINUTE_MS);
    add(atMs, DEVICE.fridge, { open: true });
    add(atMs + random.between(5, 35) * SECOND_MS, DEVICE.fridge, { open: false });
  }
}

/** Blood pressure, oxygen, weight: after breakfast. */
function measure(atMs: number, person: Person, random: Random, add: Add): void {
  const { cuff, oximeter, scale } = person;
  const tenth = (value: number): number => Math.round(value * 10) / 10;
  if (cuff) {
    add(atMs + 4 * MINUTE_MS, cuff.device, {
      systolic: Math.round(random.normal(cuff.systolic, 5)),
      diastolic: Math.round(random.normal(cuff.diastolic, 4)),
      heart_rate: Math.round(random.normal(cuff.heartRate, 4)),
    });
  }
  if (oximeter) add(atMs + 6 * MINUTE_MS, oximeter.device, { spo2: Math.min(99, Math.round(random.normal(oximeter.spo2, 0.6))), heart_rate: Math.round(random.normal(74, 4)) });
  if (scale) add(atMs - 40 * MINUTE_MS, scale.device, { weight: tenth(random.normal(scale.weight, 0.3)) });
}
