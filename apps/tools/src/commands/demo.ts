import { Command, InvalidArgumentError } from 'commander';
import { runDemo } from '../demo/demo.js';
import { stopWithParent } from '../stop-signal.js';

/** Leaves room for everything to be seen within two minutes. */
const PLAY_SECONDS = 95;

const whole = (least: number, most: number) => (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) throw new InvalidArgumentError(`Accepted: a whole number from ${least} to ${most}.`);
  return value;
};

/** `demo`: service, four simulated homes and what happens to them, for a first look. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('a first look: the service with four simulated homes, a day of history and a day that passes in two minutes')
    .option('--seed <number>', 'another seed, another street', whole(0, 2 ** 31), 7)
    .option('--seconds <number>', 'how long the last day takes until it meets the present', whole(20, 3_600), PLAY_SECONDS)
    .action(async ({ seed, seconds: playSeconds }: { seed: number; seconds: number }) => {
      await runDemo({ seed, playSeconds, signal: stopWithParent() });
    });
}
