import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { syntheticTables, writeTables } from '../../../test/harness/synthetic-tihm.js';
import { readTihmLabels } from './tihm-labels.js';
import { readTihmRecording, recordedMessages } from './tihm-recording.js';

const ACTIVITY = 'patient_id,location_name,date\r\n';
const PHYSIOLOGY = 'patient_id,date,device_type,value,unit\r\n';
const LABELS = 'patient_id,date,type\r\n';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tihm-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (activity: string, physiology = '', labels = ''): Promise<void> =>
  writeTables(folder, { Activity: ACTIVITY + activity, Physiology: PHYSIOLOGY + physiology, Labels: LABELS + labels });

describe('reading the tables', () => {
  test('summer and winter wall-clock times of London become UTC', async () => {
    await write('a1,Lounge,2019-04-01 00:05:46\r\na1,Lounge,2019-12-01 00:05:46\r\n');
    const { messages } = await readTihmRecording(folder);
    expect(messages.map(({ atMs }) => new Date(atMs).toISOString())).toEqual(['2019-03-31T23:05:46.000Z', '2019-12-01T00:05:46.000Z']);
  });

  test('each sensor is a device, and a row is one event of it', async () => {
    await write('a1,Kitchen,2019-05-01 08:00:00\na1,Front Door,2019-05-01 08:00:01\na1,Fridge Door,2019-05-01 08:00:02\n');
    const recording = await readTihmRecording(folder);
    expect([...recordedMessages(recording)].map(({ topic, payload }) => [topic, payload])).toEqual([
      ['homes/a1/devices/pir-kitchen/readings', '{"ts":"2019-05-01T07:00:00.000Z","values":{"motion":true}}'],
      ['homes/a1/devices/door-front/readings', '{"ts":"2019-05-01T07:00:01.000Z","values":{"opened":true}}'],
      ['homes/a1/devices/door-fridge/readings', '{"ts":"2019-05-01T07:00:02.000Z","values":{"opened":true}}'],
    ]);
    expect(recording.homes[0]?.devices.map(({ id, room, use }) => [id, room, use])).toEqual([
      ['pir-kitchen', 'kitchen', 'movement'],
      ['door-front', 'hallway', 'exterior-door'],
      ['door-fridge', 'kitchen', 'fridge'],
    ]);
  });

  test('what one device measured at one time is one message, whatever order the rows come in', async () => {
    await write('', [
      'a1,2019-05-01 09:00:00,Heart rate,71,beats/min',
      'a1,2019-05-01 09:00:00,Body Temperature,36.499,Cel',
      'a1,2019-05-01 09:00:00,Systolic blood pressure,151,mm[Hg]',
      'a1,2019-05-01 08:00:00,Total body water,54.0,%',
      'a1,2019-05-01 09:00:00,Diastolic blood pressure,80,mm[Hg]',
    ].join('\n'));
    const { messages, readings } = await readTihmRecording(folder);
    expect(messages.map(({ device, values }) => [device, values])).toEqual([
      ['scale', { body_water: 54 }],
      ['cuff', { heart_rate: 71, systolic: 151, diastolic: 80 }],
      ['thermometer', { body_temperature: 36.499 }],
    ]);
    expect(readings).toBe(5);
  });

  test('two values of one kind and time are kept; a repeated row is counted and left out', async () => {
    await write('a1,Lounge,2019-05-01 09:00:00\na1,Lounge,2019-05-01 09:00:00\n', 'a1,2019-05-01 09:00:00,Body weight,70,kg\na1,2019-05-01 09:00:00,Body weight,71,kg\na1,2019-05-01 09:00:00,Body weight,70,kg\n');
    const { readings, repeatedRows, messages } = await readTihmRecording(folder);
    expect({ readings, repeatedRows, messages: messages.length }).toEqual({ readings: 3, repeatedRows: 2, messages: 3 });
  });

  test('plain and gzipped tables read the same, in the order of time', async () => {
    const tables = syntheticTables({ homes: 3, days: 2, seed: 7 });
    await writeTables(folder, tables, 'gz');
    const zipped = await readTihmRecording(folder);
    await writeTables(folder, tables, 'plain');
    expect(await readTihmRecording(folder)).toEqual(zipped);
    expect(zipped.messages.map(({ atMs }) => atMs)).toEqual(zipped.messages.map(({ atMs }) => atMs).sort((a, b) => a - b));
  });

  test('labels are moved on by an hour and dated locally', async () => {
    await write('', '', 'a1,2019-05-01 23:10:00,Agitation\n');
    expect(await readTihmLabels(folder)).toEqual([{ home: 'a1', type: 'Agitation', date: '2019-05-02', atMs: Date.parse('2019-05-01T23:10:00Z') }]);
  });
});

describe('what is wrong is said with its place', () => {
  const code = (expected: string, words: RegExp): object => expect.objectContaining({ code: expected, message: expect.stringMatching(words) });

  test('a missing table', async () => {
    await expect(readTihmRecording(folder)).rejects.toEqual(code('HW-DATASET-FILE', /neither Activity\.csv nor Activity\.csv\.gz/));
  });

  test('an empty table', async () => {
    await writeFile(join(folder, 'Activity.csv'), '');
    await expect(readTihmRecording(folder)).rejects.toEqual(code('HW-DATASET-FILE', /Activity\.csv is empty/));
  });

  test('a table that is not gzip although it is called so', async () => {
    await writeFile(join(folder, 'Activity.csv.gz'), 'patient_id,location_name,date\n');
    await expect(readTihmRecording(folder)).rejects.toEqual(code('HW-DATASET-FILE', /Activity\.csv\.gz cannot be read/));
  });

  test('a gzip file that was cut off', async () => {
    await writeTables(folder, syntheticTables({ homes: 2, days: 3, seed: 1 }), 'gz');
    const { readFile } = await import('node:fs/promises');
    const whole = await readFile(join(folder, 'Activity.csv.gz'));
    await writeFile(join(folder, 'Activity.csv.gz'), whole.subarray(0, whole.length / 2));
    await expect(readTihmRecording(folder)).rejects.toEqual(code('HW-DATASET-FILE', /Activity\.csv\.gz cannot be read/));
  });

  test('a missing column', async () => {
    await writeFile(join(folder, 'Activity.csv'), 'patient_id,location\n');
    await expect(readTihmRecording(folder)).rejects.toEqual(code('HW-DATASET-COLUMN', /no column location_name, date; its columns are patient_id, location/));
  });

  test.each([
    ['an unknown place', 'a1,Attic,2019-05-01 09:00:00\n', '', /Activity\.csv, line 2: location_name "Attic" is none of/],
    ['a date that is none', 'a1,Lounge,2019-02-30 09:00:00\n', '', /line 2: date "2019-02-30 09:00:00" is not a time/],
    ['a date in another form', 'a1,Lounge,01.05.2019 09:00\n', '', /line 2: date/],
    ['an id that is no pseudonym', 'A Person,Lounge,2019-05-01 09:00:00\n', '', /line 2: patient_id "A Person"/],
    ['a value that is no number', '', 'a1,2019-05-01 09:00:00,Body weight,seventy,kg\n', /Physiology\.csv, line 2: value "seventy" is not a number/],
    ['a missing value', '', 'a1,2019-05-01 09:00:00,Body weight,,kg\n', /line 2: value "" is not a number/],
    ['another unit', '', 'a1,2019-05-01 09:00:00,Body weight,154,lb\n', /unit "lb" of Body weight is not kg/],
    ['an unknown measurement', '', 'a1,2019-05-01 09:00:00,Mood,3,1\n', /device_type "Mood" is none of/],
  ])('%s', async (_title, activity, physiology, words) => {
    await write(activity, physiology);
    await expect(readTihmRecording(folder)).rejects.toEqual(code('HW-DATASET-ROW', words));
  });

  test('a row with too few cells', async () => {
    await write('a1,Lounge,2019-05-01 09:00:00\na1,Lounge\n');
    await expect(readTihmRecording(folder)).rejects.toEqual(code('HW-DATASET-FILE', /Activity\.csv cannot be read.*line 3/));
  });
});
