import { openTimeSeries } from '../open-time-series.js';
import type { Reading } from '#libs/telemetry';

/**
 * A process to be killed: appends batches to a series file, one after another, and says `stored <n>`
 * once batch n is promised, or `failed <n> <code>` and stays. Arguments: file, first batch, length.
 */
const [file, first, length] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])];

process.on('SIGXFSZ', () => undefined); // So that a write beyond a limit of the system's fails instead of ending the process.

function batchOf(number: number, size: number): Reading[] {
  return Array.from({ length: size }, (_, index) => ({
    home: `h${number % 3}`, device: `d${index % 20}`, kind: 'power', value: index % 900, atMs: 1_790_000_000_000 + (number * size + index) * 100,
    receivedMs: 1_790_000_000_000 + (number * size + index) * 100, clock: 'device', test: false,
  }));
}

const series = await openTimeSeries({ url: 'sqlite:', sqliteFile: file });
for (let number = first; ; number++) {
  try {
    await series.append(batchOf(number, length));
  } catch (error) {
    process.stdout.write(`failed ${number} ${(error as { code?: string }).code}\n`);
    setInterval(() => undefined, 1_000);
    break;
  }
  process.stdout.write(`stored ${number}\n`);
  await new Promise((resolve) => { setImmediate(resolve); });
}
