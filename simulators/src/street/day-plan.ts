import type { Person, Room } from './household.js';
import type { LocalDay } from './local-day.js';
import { Random } from './random.js';

/** What somebody does, where, from when to when. `out`: not in the house. */
export interface Activity {
  what: 'sleep' | 'night visit' | 'wash' | 'breakfast' | 'meal' | 'kitchen' | 'rest' | 'bathroom' | 'out' | 'dress';
  where: Room | 'out';
  fromMs: number;
  toMs: number;
}

const HABIT_SPREAD_MINUTES = 18;

const stream = (seed: number, home: string, person: Person, day: LocalDay, what: string): Random => new Random(seed, home, person.id, day.date, what);

function wakesMs(seed: number, home: string, person: Person, day: LocalDay): number {
  return day.at(stream(seed, home, person, day, 'wake').normal(person.wakesAt, HABIT_SPREAD_MINUTES));
}

function bedMs(seed: number, home: string, person: Person, day: LocalDay): number {
  return day.at(Math.min(stream(seed, home, person, day, 'bed').normal(person.goesToBedAt, HABIT_SPREAD_MINUTES), 23 * 60 + 50));
}

/**
 * One person's day, from getting up to getting up again the next morning, without a gap: meals,
 * washing, resting, an outing perhaps, bathroom visits, bed and the visits of the night.
 */
export function planDay(seed: number, home: string, person: Person, day: LocalDay): Activity[] {
  const random = stream(seed, home, person, day, 'day');
  const upMs = wakesMs(seed, home, person, day);
  const toBedMs = bedMs(seed, home, person, day);
  const plan = new Plan(upMs);
  plan.next('dress', 'bedroom', random.between(4, 9));
  plan.next('wash', 'bathroom', random.between(9, 18));
  plan.next('breakfast', 'kitchen', random.between(22, 38));
  if (random.chance(person.outingChance)) {
    rest(plan, random, day.at(random.normal(10 * 60 + 20, 25)));
    plan.next('out', 'out', random.between(35, 95));
    plan.next('kitchen', 'kitchen', random.between(5, 10));
  }
  rest(plan, random, day.at(random.normal(12 * 60 + 30, 15)));
  plan.next('meal', 'kitchen', random.between(28, 45)); // Lunch
  rest(plan, random, day.at(random.normal(15 * 60 + 30, 20)));
  plan.next('kitchen', 'kitchen', random.between(8, 15)); // Tea
  rest(plan, random, day.at(random.normal(18 * 60, 15)));
  plan.next('meal', 'kitchen', random.between(25, 40)); // Supper
  rest(plan, random, toBedMs - 12 * 60_000);
  plan.next('bathroom', 'bathroom', random.between(6, 11));
  night(plan, random, person, wakesMs(seed, home, person, day.plus(1)));
  return plan.activities;
}

class Plan {
  readonly activities: Activity[] = [];

  constructor(private atMs: number) {}

  get nowMs(): number {
    return this.atMs;
  }

  next(what: Activity['what'], where: Activity['where'], minutes: number): void {
    this.until(what, where, this.atMs + Math.max(minutes, 0.5) * 60_000);
  }

  until(what: Activity['what'], where: Activity['where'], toMs: number): void {
    if (toMs <= this.atMs) return;
    this.activities.push({ what, where, fromMs: this.atMs, toMs: Math.round(toMs) });
    this.atMs = Math.round(toMs);
  }
}

/** Sits in the lounge until then, up now and again for the bathroom or the kitchen. */
function rest(plan: Plan, random: Random, untilMs: number): void {
  while (plan.nowMs < untilMs) {
    plan.until('rest', 'lounge', Math.min(plan.nowMs + random.between(35, 110) * 60_000, untilMs));
    if (plan.nowMs >= untilMs) return;
    if (random.chance(0.65)) plan.next('bathroom', 'bathroom', random.between(3, 8));
    else plan.next('kitchen', 'kitchen', random.between(2, 9));
  }
}

/** Sleeps until then, with visits to the bathroom spread over the night. */
function night(plan: Plan, random: Random, person: Person, untilMs: number): void {
  const visits = Math.max(0, Math.round(random.normal(person.nightVisits, 0.7)));
  const stretchMs = (untilMs - plan.nowMs) / (visits + 1);
  for (let visit = 0; visit < visits; visit += 1) {
    plan.until('sleep', 'bedroom', plan.nowMs + stretchMs * random.between(0.8, 1.05));
    plan.next('night visit', 'bathroom', random.between(3, 7));
  }
  plan.until('sleep', 'bedroom', untilMs);
}
