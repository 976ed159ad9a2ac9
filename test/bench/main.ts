import { writeFile } from 'node:fs/promises';
import { cpus, platform, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { ingest } from './ingest.js';

/* npm run bench -- <name> [--json <file>]. Figures on the screen and, with --json, in a file. */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    'round-seconds': { type: 'string', default: '4' },
    seconds: { type: 'string', default: '20' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const [bench] = positionals;
if (values.help || bench !== 'ingest') {
  console[values.help ? 'log' : 'error']('Usage: npm run bench -- ingest [--json <file>] [--rounds 5] [--round-seconds 4] [--seconds 20]');
  process.exit(values.help ? 0 : 2);
}

const figures = await ingest({
  rounds: Number(values.rounds),
  roundSeconds: Number(values['round-seconds']),
  wholePathSeconds: Number(values.seconds),
  say: (line) => console.log(line),
});
const machine = { platform: platform(), release: release(), cpus: cpus().length, model: cpus()[0]?.model ?? '', memoryBytes: totalmem(), node: process.version };
const rounded = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ bench, machine, figures: rounded }, null, 2)}\n`);
