import { expect, test } from '@jest/globals';
import { answerReports, gatherReports } from './index.js';

test('every role that answers is in the result, with what fails in it', async () => {
  const broker = answerReports('broker', () => ['journal']);
  const monitor = answerReports('monitor', () => []);
  try {
    const reports = await gatherReports(['broker', 'monitor'], 5_000);
    expect(reports.map(({ role, failing }) => ({ role, failing })).sort((a, b) => a.role.localeCompare(b.role))).toEqual([
      { role: 'broker', failing: ['journal'] },
      { role: 'monitor', failing: [] },
    ]);
  } finally {
    broker.close();
    monitor.close();
  }
});

test('a role that does not answer is missing after the time limit', async () => {
  const broker = answerReports('broker', () => []);
  try {
    const reports = await gatherReports(['broker', 'console'], 200);
    expect(reports.map(({ role }) => role)).toEqual(['broker']);
  } finally {
    broker.close();
  }
});

test('a role that has stopped answers no more', async () => {
  answerReports('broker', () => []).close();
  expect(await gatherReports(['broker'], 200)).toEqual([]);
});
