import { expect, test } from '@jest/globals';
import { windowScores } from './window-scores.js';

const moved = (home: string, time: string, device: string, values: Record<string, boolean> = { motion: true }) => ({ home, atMs: Date.parse(`2019-05-01T${time}Z`), device, values });

test('a window counts the changes of room in it, of each home by itself', () => {
  expect(windowScores([
    moved('a', '05:50', 'pir-hallway'), moved('b', '05:55', 'pir-kitchen'), moved('a', '05:59', 'pir-kitchen'),
    moved('a', '06:00', 'pir-hallway'), moved('a', '06:01', 'pir-hallway'), moved('a', '06:02', 'door-front', { opened: true }), moved('a', '06:03', 'pir-kitchen'),
  ])).toEqual([
    { home: 'a', from: '2019-05-01T00:00:00.000Z', to: '2019-05-01T06:00:00.000Z', score: 1 },
    { home: 'b', from: '2019-05-01T00:00:00.000Z', to: '2019-05-01T06:00:00.000Z', score: 0 },
    { home: 'a', from: '2019-05-01T06:00:00.000Z', to: '2019-05-01T12:00:00.000Z', score: 2 },
  ]);
});
