/**
 * `npm test`: checks ─▶ build ─▶ tests of the rooms, two at a time ─▶ tests of the whole service,
 * one at a time ─▶ what could not be run here, and what to install for it ─▶ the count, last of all.
 *
 * Everything is tried even after a failure. Arguments are handed on to Jest, and then only its
 * tests run. This file is run as it stands, so it imports nothing of the project's.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** The parts of Jest's JSON result that are used here. */
interface JestResult {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

const CHECKS = ['types', 'lint', 'dead-code', 'build'];
/** Tests that start whole services and engines want the machine for themselves. */
const WHOLE_SERVICE = 'test/(scenarios|faults|browser|harness)/';
/** A run that takes longer hangs. */
const RUN_MAX_MS = 20 * 60_000;
const POSTGRES = '/usr/lib/postgresql';

const ENGINES: { name: string; found: () => boolean; install: string }[] = [
  { name: 'InfluxDB', found: () => isInstalled('influxd'), install: 'apt-get install influxdb' },
  { name: 'PostgreSQL', found: () => isInstalled('postgres') || existsSync(POSTGRES) && readdirSync(POSTGRES).length > 0, install: 'apt-get install postgresql' },
  { name: 'Mosquitto', found: () => isInstalled('mosquitto'), install: 'apt-get install mosquitto' },
  { name: "Mosquitto's clients", found: () => isInstalled('mosquitto_pub'), install: 'apt-get install mosquitto-clients' },
  { name: 'Chromium', found: () => isInstalled('chromium'), install: 'apt-get install chromium' },
  { name: 'curl', found: () => isInstalled('curl'), install: 'apt-get install curl' },
];

function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function run(command: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: RUN_MAX_MS, killSignal: 'SIGKILL', shell: process.platform === 'win32' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

/** One check counts as one test. */
async function check(script: string): Promise<Count> {
  console.log(`— ${script}`);
  const passed = await run('npm', ['run', '--silent', script]);
  if (!passed) console.log(`✕ npm run ${script}`);
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
}

const skipped: string[] = [];

async function jest(title: string, args: string[]): Promise<Count> {
  console.log(`— ${title}`);
  const folder = mkdtempSync(join(tmpdir(), 'hearthwatch-jest-'));
  const outputFile = join(folder, 'result.json');
  try {
    const ended = await run('npm', ['run', '--silent', 'jest', '--', '--json', `--outputFile=${outputFile}`, '--forceExit', ...args]);
    if (!existsSync(outputFile)) return { passed: 0, failed: 1, skipped: 0 };
    const result = JSON.parse(readFileSync(outputFile, 'utf8')) as JestResult;
    for (const { assertionResults } of result.testResults) {
      skipped.push(...assertionResults.filter(({ status }) => status === 'pending').map(({ fullName }) => fullName));
    }
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    return { passed: result.numPassedTests, failed: failed === 0 && !ended ? 1 : failed, skipped: result.numPendingTests + result.numTodoTests };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function tellWhatWasNotRun(): void {
  const missing = ENGINES.filter(({ found }) => !found());
  if (missing.length === 0 && skipped.length === 0) return;
  console.log('\nNot run on this machine:');
  for (const { name, install } of missing) console.log(`  tests that need ${name}; on Debian: ${install}`);
  const shown = skipped.slice(0, 20);
  for (const title of shown) console.log(`  skipped: ${title}`);
  if (skipped.length > shown.length) console.log(`  skipped: and ${skipped.length - shown.length} more`);
}

const given = process.argv.slice(2);
const counts: Count[] = [];
if (given.length > 0) {
  counts.push(await check('build'), await jest('tests', given));
} else {
  for (const script of CHECKS) counts.push(await check(script));
  counts.push(await jest('rooms', ['--maxWorkers=2', `--testPathIgnorePatterns=${WHOLE_SERVICE}`]));
  counts.push(await jest('whole service', ['--runInBand', '--passWithNoTests', `--testPathPatterns=${WHOLE_SERVICE}`]));
}
const total = (key: keyof Count): number => counts.reduce((sum, count) => sum + count[key], 0);
tellWhatWasNotRun();
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
process.exitCode = total('failed') === 0 && total('passed') > 0 ? 0 : 1;
