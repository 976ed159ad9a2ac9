import { Command, InvalidArgumentError } from 'commander';
import { hours, systemClock } from '#libs/runtime';
import { accelerated, atFullSpeed, HearthwatchApi, Publisher, STREET, streetMessages } from '#simulators';
import { grouped } from '../progress-line.js';
import { stopSignal } from '../stop-signal.js';
import { bootstrapToken, urlOption } from './options.js';

interface SimulateArguments {
  seed: number;
  historyHours: number;
  broker: string;
  api: string;
}

/** `simulate`: the street's homes against a service that runs already, at their own pace, until it is stopped. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('simulated homes over MQTT, for a service that runs already: their last hours at full speed, then real pace')
    .option('--seed <number>', 'what happens in the homes', wholeNumber, 7)
    .option('--history-hours <number>', 'how far back they begin', wholeNumber, 6)
    .option('--broker <url>', 'where to publish', urlOption('mqtt:', 'mqtts:', 'ws:', 'wss:'), 'mqtt://127.0.0.1:1883')
    .option('--api <url>', 'where to register homes and logins (token: HEARTHWATCH_BOOTSTRAP_TOKEN)', urlOption('http:', 'https:'), 'http://127.0.0.1:3000')
    .action(run);
}

async function run({ seed, historyHours, broker, api: url }: SimulateArguments): Promise<void> {
  const api = new HearthwatchApi({ url, token: bootstrapToken(process.env) });
  const signal = stopSignal();
  const logins = [];
  for (const { plan } of STREET) {
    await api.registerHome(plan);
    logins.push(await api.createLogin(plan.id));
  }
  const publisher = new Publisher(broker, logins, { clock: systemClock });
  try {
    const nowMs = systemClock.nowMs();
    const street = { seed, households: STREET, incidents: [] };
    const history = streetMessages({ ...street, fromMs: nowMs - hours(historyHours), untilMs: nowMs });
    const { acknowledged } = await publisher.publish(history, { pace: atFullSpeed, signal });
    console.log(`${STREET.length} homes; ${grouped(acknowledged)} messages of their last ${historyHours} hours were acknowledged. Real pace from here on; Ctrl-C stops.`);
    await publisher.publish(streetMessages({ ...street, fromMs: nowMs, untilMs: Infinity }), { pace: accelerated(1, nowMs, nowMs), signal });
  } finally {
    await publisher.close();
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Accepted: a whole number from 0.');
  return Number(text);
}
