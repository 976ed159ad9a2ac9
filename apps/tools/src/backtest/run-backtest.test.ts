import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readTihmRecording, type TihmRecording } from '#simulators';
import { writeTables } from '../../../../test/harness/synthetic-tihm.js';
import { alertLine } from './alert-line.js';
import { runBacktest } from './run-backtest.js';

let folder: string;
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'backtest-')); });
afterEach(() => rm(folder, { recursive: true, force: true }));

const measured = (time: string, systolic: number, diastolic: number): string => [
  `a1,${time},Systolic blood pressure,${systolic},mm[Hg]`, `a1,${time},Diastolic blood pressure,${diastolic},mm[Hg]`, `a1,${time},Heart rate,70,beats/min`, '',
].join('\n');

async function recording(activity: string, physiology: string): Promise<TihmRecording> {
  await writeTables(folder, { Activity: `patient_id,location_name,date\n${activity}`, Physiology: `patient_id,date,device_type,value,unit\n${physiology}` });
  return readTihmRecording(folder);
}

test('a high blood pressure is one line, as the contract shows it', async () => {
  const { findings } = runBacktest(await recording('', measured('2019-05-01 09:00:00', 176, 84) + measured('2019-05-02 09:00:00', 130, 80)), ['blood-pressure']);
  expect(findings.map(alertLine)).toEqual([{
    home: 'a1', rule: 'blood-pressure', ruleVersion: 1, severity: 'routine', from: '2019-05-01T08:00:00.000Z', at: expect.stringMatching(/^2019-05-01T08:/),
    reason: expect.stringMatching(/176 mmHg.*160/), evidence: expect.arrayContaining([{ device: 'cuff', kind: 'systolic', value: 176, at: '2019-05-01T08:00:00.000Z' }]),
  }]);
});

test('somebody who leaves in the night is found by the night-exit rule alone when it is asked alone', async () => {
  const left = 'a1,Hallway,2019-05-02 01:59:00\na1,Front Door,2019-05-02 02:00:00\na1,Lounge,2019-05-02 09:00:00\n';
  const evening = 'a1,Lounge,2019-05-01 21:00:00\na1,Bedroom,2019-05-01 22:30:00\n';
  const run = runBacktest(await recording(evening + left, measured('2019-05-01 09:00:00', 176, 84)), ['night-exit']);
  expect([...run.active]).toEqual(['night-exit']);
  expect(run.findings.map(({ rule, severity }) => [rule, severity])).toEqual([['night-exit', 'urgent'], ['night-exit', 'emergency']]);
});

test('a value that no cuff can measure is counted and harms nothing', async () => {
  const run = runBacktest(await recording('', measured('2019-05-01 09:00:00', 999, 84) + measured('2019-05-02 09:00:00', 176, 84)), 'default');
  expect(run.faults).toBe(1);
  expect(run.findings.map(({ rule, fromMs }) => [rule, new Date(fromMs).toISOString()])).toContainEqual(['blood-pressure', '2019-05-02T08:00:00.000Z']);
});

test('a whole fleet that went quiet is told, unless other rules were asked for by name', async () => {
  const days = ['2019-05-01', '2019-05-02', '2019-05-03'];
  const moves = days.flatMap((day) => Array.from({ length: 12 }, (_, home) => `home${home},Lounge,${day} 09:00:00\n`));
  const tables = await recording(moves.join(''), '');
  expect(runBacktest(tables, 'default').findings.map(({ rule }) => rule)).toContain('fleet-silent');
  expect(runBacktest(tables, ['night-exit']).findings).toEqual([]);
});
