import { Command, InvalidArgumentError } from 'commander';
import { decodeMessage } from '#libs/telemetry';

/** The longest that readings are kept by default. */
const RETENTION_MS = 400 * 86_400_000;

interface DecodeArguments {
  topic: string;
  payload: string;
  at?: number;
  clock: boolean;
}

/**
 * `decode`: what the service would make of a message, were it the first of its home. Readings, a status and announced devices go to standard output, a JSON
 * line each; what could not be read, and why, to standard error. Exit code 1 if anything could not be read.
 */
export function decodeCommand(): Command {
  return new Command('decode')
    .description('what the service would make of a message: readings, or why not')
    .requiredOption('--topic <topic>', 'such as homes/h1/devices/d1/readings')
    .requiredOption('--payload <json>', 'the message as it would be published')
    .option('--at <time>', 'when it arrives, instead of now', timeOption)
    .option('--no-clock', 'take its times as they stand, as a replay does')
    .action(run);
}

function run({ topic, payload, at, clock }: DecodeArguments): void {
  const receivedMs = at ?? Date.now();
  const { readings, status, announced = [], faults } = decodeMessage({ topic, payload: Buffer.from(payload), receivedMs }, { checkClock: clock, retentionMs: RETENTION_MS });
  for (const reading of readings) {
    const { atMs, receivedMs: arrivedMs, ...rest } = reading;
    console.log(JSON.stringify({ ...rest, at: new Date(atMs).toISOString(), received: new Date(arrivedMs).toISOString() }));
  }
  if (status !== undefined) console.log(JSON.stringify({ status }));
  for (const device of announced) console.log(JSON.stringify({ announced: device }));
  if (readings.length === 0 && status === undefined && announced.length === 0 && faults.length === 0) console.error('Nothing happened: it holds events that are false, or is empty. That is no error.');
  for (const { code, reason } of faults) console.error(`${code}: ${reason}`);
  if (faults.length > 0) process.exitCode = 1;
}

function timeOption(text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new InvalidArgumentError('Accepted: a time such as 2026-11-21T02:14:06Z.');
  return atMs;
}
