import { open, writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { RULES } from '#libs/detection';
import { CodedError } from '#libs/runtime';
import { readTihmLabels, readTihmRecording } from '#simulators';
import { alertLine } from '../backtest/alert-line.js';
import { runBacktest, type RuleChoice } from '../backtest/run-backtest.js';
import { scoreTables } from '../backtest/score-table.js';
import { alertBurden, scoreLabels } from '../backtest/score.js';
import { windowScores } from '../backtest/window-scores.js';
import { grouped, ProgressLine } from '../progress-line.js';

interface BacktestArguments {
  from: string;
  out: string;
  rules: RuleChoice;
  scores?: string;
}

/** `backtest`: the detection code over a recorded data set, without a broker, and its score against the labels. */
export function backtestCommand(): Command {
  return new Command('backtest')
    .description('run the detection rules over a recorded data set and hold what they find against its labels')
    .addOption(new Option('--dataset <name>', 'layout of the data').choices(['tihm']).makeOptionMandatory())
    .requiredOption('--from <folder>', 'folder with the tables, plain or .gz')
    .requiredOption('--out <file>', 'where to write the alerts, one JSON line each')
    .option('--rules <which>', 'default, all, or ids with commas between', rulesOption, 'default')
    .option('--scores <file>', 'also write how restless each home was in each 6 hours, one JSON line each')
    .action(run);
}

function rulesOption(text: string): RuleChoice {
  if (text === 'default' || text === 'all') return text;
  const ids = text.split(',').map((id) => id.trim());
  const unknown = ids.filter((id) => !RULES.some((rule) => rule.id === id));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`No rule is called ${unknown.join(', ')}. Accepted: default, all, or any of ${RULES.map(({ id }) => id).join(',')}.`);
  }
  return ids;
}

async function run({ from, out, rules, scores }: BacktestArguments): Promise<void> {
  for (const file of [out, scores]) if (file !== undefined) await mustBeWritable(file);
  const line = new ProgressLine();
  line.update(`Reading ${from} …`);
  const labels = await readTihmLabels(from);
  const recording = await readTihmRecording(from);
  const total = recording.messages.length;
  line.finish(`${grouped(recording.homes.length)} homes, ${grouped(recording.readings)} readings, ${grouped(labels.length)} labels`);
  const startMs = performance.now();
  const { findings, faults, active } = runBacktest(recording, rules, (done, atMs) => {
    line.update(`${((100 * done) / total).toFixed(1)} %, reached ${new Date(atMs).toISOString().slice(0, 10)}`);
  });
  await writeFile(out, lines(findings.map(alertLine)));
  if (scores !== undefined) await writeFile(scores, lines(windowScores(recording.messages)));
  const seconds = (performance.now() - startMs) / 1_000;
  line.finish(`${grouped(findings.length)} alerts in ${out}; ${seconds.toFixed(1)} s${faults === 0 ? '' : `; ${grouped(faults)} values were not accepted`}`);
  console.log(scoreTables(scoreLabels(recording, findings, labels), alertBurden(recording, findings), active));
}

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Better known before the work than after it. */
async function mustBeWritable(file: string): Promise<void> {
  try {
    await (await open(file, 'a')).close();
  } catch (error) {
    throw new CodedError('HW-OUT-FILE', `${file} cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`, 'Name a file in a folder that you may write to', { cause: error });
  }
}
