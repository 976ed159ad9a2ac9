import { PSEUDONYM } from '#libs/telemetry';
import type { DevicePlan, HomePlan } from '../home-plan.js';
import { readingsMessage, type TimedMessage, type Values } from '../timed-message.js';
import { eachRow, type RowError } from './csv-rows.js';
import { wallClockReader } from './local-time.js';
import { LOCATION_SENSORS, MEASUREMENTS } from './sensors.js';

/** Times in the tables are wall-clock times of south-east England without a zone. */
export const TIHM_TIME_ZONE = 'Europe/London';

/** One message of a recorded device. */
export interface RecordedMessage {
  atMs: number;
  home: string;
  device: string;
  values: Values;
}

export interface TihmRecording {
  /** One home per `patient_id`, with the devices that occur in its rows. */
  homes: HomePlan[];
  /** In the order of their times. */
  messages: RecordedMessage[];
  /** Values in all messages: one a row, less the rows that repeat another (same person, sensor, time and value). */
  readings: number;
  repeatedRows: number;
}

interface Gathering {
  messages: RecordedMessage[];
  devices: Map<string, Map<string, DevicePlan>>;
  readings: number;
  repeatedRows: number;
}

/**
 * Reads `Activity` and `Physiology` of a folder in the layout of the public TIHM archive
 * (doi 10.5281/zenodo.7622128), plain or gzipped. Values that one device measured at one time
 * become one message.
 * @throws CodedError HW-DATASET-FILE, HW-DATASET-COLUMN, HW-DATASET-ROW (naming file and line).
 */
export async function readTihmRecording(folder: string): Promise<TihmRecording> {
  const all: Gathering = { messages: [], devices: new Map(), readings: 0, repeatedRows: 0 };
  await readActivity(folder, all);
  await readPhysiology(folder, all);
  all.messages.sort((a, b) => a.atMs - b.atMs); // Stable: rows of one time keep the tables' order.
  const homes = [...all.devices].map(([home, devices]) => homePlan(home, [...devices.values()]));
  return { homes, messages: all.messages, readings: all.readings, repeatedRows: all.repeatedRows };
}

/** The canonical MQTT messages of a recording, encoded as they are asked for. */
export function* recordedMessages(recording: { messages: readonly RecordedMessage[] }): Generator<TimedMessage> {
  for (const { home, device, atMs, values } of recording.messages) yield readingsMessage(home, device, atMs, values);
}

function homePlan(id: string, devices: DevicePlan[]): HomePlan {
  return {
    id,
    timeZone: TIHM_TIME_ZONE,
    residents: [{ id: 'r1', basis: 'consent', decidedBy: 'The study that recorded the data', reviewOn: '2019-07-01' }],
    contacts: [],
    devices,
  };
}

async function readActivity(folder: string, all: Gathering): Promise<void> {
  const toMs = wallClockReader(TIHM_TIME_ZONE);
  const seen = new Set<string>();
  await eachRow(folder, 'Activity', ['patient_id', 'location_name', 'date'], ([person = '', location = '', date = ''], wrong) => {
    const home = homeOf(person, wrong);
    const sensor = Object.hasOwn(LOCATION_SENSORS, location) ? LOCATION_SENSORS[location] : undefined;
    if (!sensor) throw wrong(`location_name ${JSON.stringify(location)} is none of ${Object.keys(LOCATION_SENSORS).join(', ')}`);
    const atMs = timeOf(date, toMs, wrong);
    const identity = `${home}/${sensor.device.id}/${atMs}`;
    if (seen.has(identity)) {
      all.repeatedRows += 1;
      return;
    }
    seen.add(identity);
    note(all, home, sensor.device);
    all.messages.push({ atMs, home, device: sensor.device.id, values: sensor.values });
    all.readings += 1;
  });
}

async function readPhysiology(folder: string, all: Gathering): Promise<void> {
  const toMs = wallClockReader(TIHM_TIME_ZONE);
  const open = new Map<string, (RecordedMessage & { values: Record<string, number> })[]>();
  await eachRow(folder, 'Physiology', ['patient_id', 'date', 'device_type', 'value', 'unit'], ([person = '', date = '', type = '', text = '', unit = ''], wrong) => {
    const home = homeOf(person, wrong);
    const measurement = Object.hasOwn(MEASUREMENTS, type) ? MEASUREMENTS[type] : undefined;
    if (!measurement) throw wrong(`device_type ${JSON.stringify(type)} is none of ${Object.keys(MEASUREMENTS).join(', ')}`);
    if (unit !== measurement.unit) throw wrong(`unit ${JSON.stringify(unit)} of ${type} is not ${measurement.unit}`);
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw wrong(`value ${JSON.stringify(text)} is not a number`);
    const atMs = timeOf(date, toMs, wrong);
    const { device, kind } = measurement;
    const key = `${home}/${device.id}/${atMs}`;
    const messages = open.get(key) ?? [];
    if (messages.some((message) => message.values[kind] === value)) {
      all.repeatedRows += 1;
      return;
    }
    let message = messages.find((one) => one.values[kind] === undefined); // A second value of one kind and time is a second message.
    if (!message) {
      message = { atMs, home, device: device.id, values: {} };
      messages.push(message);
      open.set(key, messages);
      all.messages.push(message);
    }
    message.values[kind] = value;
    note(all, home, device);
    all.readings += 1;
  });
}

function homeOf(person: string, wrong: RowError): string {
  if (!PSEUDONYM.test(person)) throw wrong(`patient_id ${JSON.stringify(person)} is not 1 to 64 letters, digits, _ or -`);
  return person;
}

function timeOf(date: string, toMs: (text: string) => number | undefined, wrong: RowError): number {
  const atMs = toMs(date);
  if (atMs === undefined) throw wrong(`date ${JSON.stringify(date)} is not a time such as 2019-04-01 00:05:46`);
  return atMs;
}

function note(all: Gathering, home: string, device: DevicePlan): void {
  let devices = all.devices.get(home);
  if (!devices) {
    devices = new Map();
    all.devices.set(home, devices);
  }
  devices.set(device.id, device);
}
