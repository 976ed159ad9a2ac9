import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seconds, systemClock } from '#libs/runtime';
import { atFullSpeed, HearthwatchApi, Publisher, STREET, streetMessages, type HubLogin } from '#simulators';
import { grouped, ProgressLine } from '../progress-line.js';
import { watchAlerts } from './alert-watch.js';
import { meetingThePresent, speedToMeet } from './demo-pace.js';
import { demoScript, type DemoScript } from './demo-script.js';
import { firstAdministrator, type Administrator } from './first-administrator.js';
import { freePort } from './free-port.js';
import { catchMails } from './mail-catcher.js';
import { ServiceProcess } from './service-process.js';

export interface DemoOptions {
  seed: number;
  /** How long the last day takes until it meets the present. */
  playSeconds: number;
  signal: AbortSignal;
}

interface Addresses {
  mqttUrl: string;
  httpUrl: string;
}

/**
 * Everything for a first look, in a folder and on ports of its own:
 *
 *     service ready ─▶ homes registered ─▶ a day of history at full speed ─▶ the last day, accelerated
 *                                                             real pace until Ctrl-C ◀─┘
 *
 * Ends when `signal` says so; service, mail catcher and folder are gone afterwards.
 */
export async function runDemo({ seed, playSeconds, signal }: DemoOptions): Promise<void> {
  const line = new ProgressLine();
  const cleanUp: (() => Promise<unknown>)[] = [];
  const failed = new AbortController();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'hearthwatch-demo-'));
    cleanUp.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const mails = await catchMails(({ to, subject }) => line.note(`  mail to ${to}: ${subject}`));
    cleanUp.push(mails.close);
    const token = randomBytes(32).toString('base64url');
    const administrator = await firstAdministrator(folder, systemClock.nowMs());
    const { service, mqttUrl, httpUrl } = await startService(folder, token, mails.url);
    cleanUp.push(() => service.stop());
    service.onEnded((error) => failed.abort(error));
    const stop = AbortSignal.any([signal, failed.signal]);
    await service.ready(httpUrl, stop);
    if (!stop.aborted) await street({ seed, playSeconds, signal: stop }, { mqttUrl, httpUrl }, token, administrator, line);
    failed.signal.throwIfAborted();
  } catch (error) {
    throw failed.signal.aborted ? failed.signal.reason : error; // Whatever failed because the service had ended.
  } finally {
    line.finish('Stopping …');
    for (const undo of cleanUp.reverse()) await undo();
  }
}

async function startService(folder: string, token: string, smtpUrl: string): Promise<Addresses & { service: ServiceProcess }> {
  const mqttPort = await portNear(1883, 'MQTT');
  const httpPort = await portNear(3000, 'the pages');
  const addresses = { mqttUrl: `mqtt://127.0.0.1:${mqttPort}`, httpUrl: `http://127.0.0.1:${httpPort}` };
  console.log('Starting the service …');
  const service = ServiceProcess.start(folder, {
    HEARTHWATCH_DATA_DIR: folder,
    HEARTHWATCH_MQTT_PORT: String(mqttPort),
    HEARTHWATCH_HTTP_PORT: String(httpPort),
    HEARTHWATCH_CLOCK: 'readings',
    HEARTHWATCH_BOOTSTRAP_TOKEN: token,
    HEARTHWATCH_SMTP_URL: smtpUrl,
    HEARTHWATCH_PUBLIC_URL: addresses.httpUrl,
    HEARTHWATCH_LOG_LEVEL: 'warn',
  });
  process.once('exit', () => service.kill());
  return { service, ...addresses };
}

async function portNear(wanted: number, what: string): Promise<number> {
  const port = await freePort(wanted);
  if (port !== wanted) console.log(`Port ${wanted} is taken; ${what} on ${port} instead.`);
  return port;
}

async function street(options: DemoOptions, addresses: Addresses, token: string, administrator: Administrator, line: ProgressLine): Promise<void> {
  const { seed, playSeconds, signal } = options;
  const api = new HearthwatchApi({ url: addresses.httpUrl, token });
  const logins: HubLogin[] = [];
  for (const { plan } of STREET) {
    await api.registerHome(plan);
    logins.push(await api.createLogin(plan.id));
  }
  const publisher = new Publisher(addresses.mqttUrl, logins, { clock: systemClock });
  try {
    const script = demoScript(systemClock.nowMs());
    const part = { seed, households: STREET, incidents: script.scenes.map(({ incident }) => incident) };
    const history = await publisher.publish(streetMessages({ ...part, fromMs: script.historyFromMs, untilMs: script.playFromMs }), { pace: atFullSpeed, signal });
    if (signal.aborted) return;
    console.log(`Four homes registered, and a day of history sent: ${grouped(history.acknowledged)} messages in ${(history.elapsedMs / 1_000).toFixed(1)} s.`);
    const startMs = systemClock.nowMs();
    announce(addresses, administrator, script, startMs, playSeconds);
    let met = false;
    const meetMs = startMs + seconds(playSeconds);
    const watching = watchAlerts(api, signal, ({ home, severity, reason }, rose) => line.note(`  ${home}  ${severity.toUpperCase()}${rose ? ' now' : ''}: ${reason}`));
    await publisher.publish(streetMessages({ ...part, fromMs: script.playFromMs, untilMs: Infinity }), {
      pace: meetingThePresent(script.playFromMs, startMs, playSeconds),
      signal,
      onProgress: ({ atMs = script.playFromMs }) => {
        if (met) return;
        met = systemClock.nowMs() >= meetMs;
        if (met) line.note('  The homes have reached the present and go on at real pace. Ctrl-C stops everything.');
        else line.update(`  The homes' time: ${wallClock(atMs)}`);
      },
    });
    await watching;
  } finally {
    await publisher.close();
  }
}

function announce({ httpUrl, mqttUrl }: Addresses, administrator: Administrator, script: DemoScript, startMs: number, playSeconds: number): void {
  const speed = speedToMeet(script.playFromMs, startMs, playSeconds);
  const after = (atMs: number): string => `after ${Math.max(0, Math.round((atMs - script.playFromMs) / speed / 1_000))} s`.padStart(12);
  console.log([
    '',
    `  Open      ${httpUrl}`,
    `  Sign in   ${administrator.username}`,
    `  Password  ${administrator.password}`,
    '',
    `  The last 24 hours of four simulated homes now pass in ${playSeconds} seconds; then they go on at real pace.`,
    '  Keep the page of open alerts in view:',
    '',
    ...script.scenes.map(({ seenMs, tells }) => `  ${after(seenMs)}  (${wallClock(seenMs)})  ${tells}`),
    '',
    '  Open an alert for its reason, its evidence and how to reach the person; open a home for its day as a picture.',
    `  Devices would publish to ${mqttUrl}. Mails go nowhere but to the lines below. Ctrl-C stops everything.`,
    '',
  ].join('\n'));
}

const wallClock = (atMs: number): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: STREET[0]?.plan.timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' }).format(atMs);
