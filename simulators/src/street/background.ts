import { hubStatusMessage, readingsMessage, type TimedMessage, type Values } from '../timed-message.js';
import { batteryDevices, DEVICE, type Household } from './household.js';
import type { Incident } from './incident.js';
import type { LocalDay } from './local-day.js';
import { Random } from './random.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CLIMATE_EVERY_MS = 10 * MINUTE_MS;
const HEARTBEAT_EVERY_MS = 5 * MINUTE_MS;
const CHECK_IN_EVERY_MS = HOUR_MS;
/** A house without heating nears this, and is a third of the way there after so long. */
const OUTSIDE_CELSIUS = 4;
const COOLING_MS = 20 * HOUR_MS;

/** What a home sends whatever its people do: room climate, batteries, the hub's heartbeat. */
export function backgroundOf(seed: number, household: Household, day: LocalDay, incidents: readonly Incident[]): TimedMessage[] {
  const home = household.plan.id;
  const random = new Random(seed, home, day.date, 'background');
  const messages: TimedMessage[] = [];
  const failedMs = incidents.find((one) => one.kind === 'heating-failure' && one.home === home);
  every(day, CLIMATE_EVERY_MS, random.between(0, CLIMATE_EVERY_MS), (atMs) => {
    const celsius = cooled(usualCelsius(household, day, atMs), atMs, failedMs?.kind === 'heating-failure' ? failedMs.fromMs : Infinity) + random.normal(0, 0.06);
    const humidity = 46 + (21 - celsius) * 1.6 + random.normal(0, 0.5);
    messages.push(readingsMessage(home, DEVICE.climate, atMs, { temperature: round(celsius, 2), humidity: round(humidity, 1) }));
  });
  every(day, HEARTBEAT_EVERY_MS, random.between(0, HEARTBEAT_EVERY_MS), (atMs) => {
    messages.push(hubStatusMessage(home, household.hub, atMs, { state: 'online', mains: true, queued: 0, link: 'broadband' }));
  });
  for (const device of batteryDevices(household)) {
    const battery = new Random(seed, home, device, 'battery').whole(58, 100);
    every(day, CHECK_IN_EVERY_MS, random.between(0, CHECK_IN_EVERY_MS), (atMs) => {
      const alarm: Values = device === DEVICE.smoke ? { smoke: false } : {};
      messages.push(readingsMessage(home, device, atMs, { ...alarm, battery, link_quality: random.whole(60, 220) }));
    });
  }
  return messages;
}

function every(day: LocalDay, everyMs: number, offsetMs: number, visit: (atMs: number) => void): void {
  for (let atMs = day.startMs + offsetMs; atMs < day.endMs; atMs += everyMs) visit(Math.round(atMs));
}

/** Warmest in the evening, coolest before the heating comes on. */
function usualCelsius(household: Household, day: LocalDay, atMs: number): number {
  const hour = (atMs - day.startMs) / HOUR_MS;
  return household.warmth + 0.9 * Math.sin(((hour - 12.5) / 24) * 2 * Math.PI);
}

function cooled(usual: number, atMs: number, failedMs: number): number {
  if (atMs < failedMs) return usual;
  return Math.min(usual, OUTSIDE_CELSIUS + (usual - OUTSIDE_CELSIUS) * Math.exp(-(atMs - failedMs) / COOLING_MS));
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
