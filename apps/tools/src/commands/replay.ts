import { Command, Option } from 'commander';
import { CodedError, systemClock } from '#libs/runtime';
import { HearthwatchApi, readTihmRecording, recordedMessages, replay, type Progress } from '#simulators';
import { grouped, ProgressLine } from '../progress-line.js';
import { stopSignal } from '../stop-signal.js';
import { bootstrapToken, speedOption, urlOption } from './options.js';

interface ReplayArguments {
  from: string;
  speed: number | 'max';
  broker: string;
  api: string;
}

/** `replay`: a recorded data set over MQTT. Exit code 0 only when every message was acknowledged. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('play a recorded data set over MQTT, at its own times, homes kept within 5 minutes of each other')
    .addOption(new Option('--dataset <name>', 'layout of the data').choices(['tihm']).makeOptionMandatory())
    .requiredOption('--from <folder>', 'folder with the tables, plain or .gz')
    .option('--speed <factor>', 'max, or how many times as fast as it happened', speedOption, 'max')
    .option('--broker <url>', 'where to publish', urlOption('mqtt:', 'mqtts:', 'ws:', 'wss:'), 'mqtt://127.0.0.1:1883')
    .option('--api <url>', 'where to register homes and logins (token: HEARTHWATCH_BOOTSTRAP_TOKEN)', urlOption('http:', 'https:'), 'http://127.0.0.1:3000')
    .action(run);
}

async function run(given: ReplayArguments): Promise<void> {
  const token = bootstrapToken(process.env);
  const line = new ProgressLine();
  line.update(`Reading ${given.from} …`);
  const recording = await readTihmRecording(given.from);
  const { homes, messages } = recording;
  line.finish(`${grouped(homes.length)} homes, ${grouped(recording.readings)} readings in ${grouped(messages.length)} messages${repeats(recording.repeatedRows)}`);
  const progress = await replay(homes, recordedMessages(recording), {
    broker: given.broker,
    api: new HearthwatchApi({ url: given.api, token }),
    clock: systemClock,
    speed: given.speed,
    signal: stopSignal(),
    onRegistered: (count) => line.update(`Registered ${count} of ${homes.length} homes`),
    onProgress: (now) => line.update(progressText(now, messages.length)),
    onConnection: (home, state, reason) => {
      if (state === 'away') line.update(`Home ${home}: ${reason}; trying again`);
    },
  });
  line.finish(`${progressText(progress, messages.length)}; ${(progress.elapsedMs / 1_000).toFixed(1)} s`);
  const missing = messages.length - progress.acknowledged;
  if (missing > 0) {
    throw new CodedError('HW-REPLAY-SHORT', `${grouped(missing)} of ${grouped(messages.length)} messages were not acknowledged`, 'Run it again: what is there already is recognised');
  }
  console.log(`All ${grouped(recording.readings)} readings were acknowledged.`);
}

const repeats = (rows: number): string => (rows === 0 ? '' : `; ${grouped(rows)} rows repeat another and are left out`);

function progressText(now: Progress, total: number): string {
  const rate = now.elapsedMs > 0 ? now.acknowledged / (now.elapsedMs / 1_000) : 0;
  const reached = now.atMs === undefined ? '' : `, reached ${new Date(now.atMs).toISOString().slice(0, 16)}Z`;
  return `${((100 * now.acknowledged) / total).toFixed(1)} %: ${grouped(now.acknowledged)} of ${grouped(total)} acknowledged, ${grouped(rate)}/s${reached}`;
}
