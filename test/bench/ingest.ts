import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTimeSeries } from '#libs/timeseries';
import { freePort } from '../harness/ports.js';
import type { Hub } from './load-generator.js';
import { BareAedes, BenchService, cpuUsOf, LoadGenerator } from './processes.js';
import { registerStreet } from './street.js';

export interface IngestOptions {
  /** Of one round of one side. */
  roundSeconds: number;
  rounds: number;
  /** How long the whole path is loaded. */
  wholePathSeconds: number;
  say: (line: string) => void;
}

type Figures = Record<string, number>;

const HOMES = 1_000;

/**
 * `durable_ack_ratio_<connections>x<in flight>`: acknowledgements a second of the broker role, each
 * of them synced, to those of bare aedes, which stores nothing; median of alternated rounds.
 * `whole_path_per_s`: readings acknowledged, decoded, run through the rules and stored, over the
 * time from the first one sent to the last one done.
 */
export async function ingest(options: IngestOptions): Promise<Figures> {
  const folder = join('data', 'bench');
  await mkdir(folder, { recursive: true });
  const dataDir = await mkdtemp(join(folder, 'ingest-'));
  try {
    const hubs = await registerStreet(dataDir, HOMES);
    return {
      ...await durableRatio(dataDir, hubs.slice(0, 50), 20, options),
      ...await durableRatio(dataDir, hubs, 4, options),
      ...await wholePath(dataDir, hubs, 16, options),
    };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface Side {
  name: 'bare' | 'durable';
  generator: LoadGenerator;
  pid: number;
  perSecond: number[];
  serverUs: number[];
  generatorUs: number[];
}

async function durableRatio(dataDir: string, hubs: Hub[], window: number, { rounds, roundSeconds, say }: IngestOptions): Promise<Figures> {
  const mqttPort = await freePort();
  const aedes = await BareAedes.start();
  const service = await BenchService.start({ HEARTHWATCH_DATA_DIR: dataDir, HEARTHWATCH_ROLES: 'broker', HEARTHWATCH_MQTT_PORT: String(mqttPort) });
  const sides: Side[] = [];
  try {
    for (const [name, port, pid] of [['bare', aedes.port, aedes.pid], ['durable', mqttPort, service.pid]] as const) {
      const generator = await LoadGenerator.start();
      sides.push({ name, generator, pid, perSecond: [], serverUs: [], generatorUs: [] });
      await generator.open(port, hubs, window);
      await generator.run(1); // Warm.
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const side of round % 2 === 0 ? sides : [...sides].reverse()) await measure(side, roundSeconds);
    }
  } finally {
    for (const { generator } of sides) generator.end();
    aedes.end();
    await service.stop();
  }
  return summary(`${hubs.length}x${window}`, sides, say);
}

async function measure(side: Side, seconds: number): Promise<void> {
  const cpuBefore = cpuUsOf(side.pid);
  const ran = await side.generator.run(seconds);
  const cpuAfter = cpuUsOf(side.pid);
  side.perSecond.push(ran.acknowledgedPublishing / ran.publishingMs * 1_000);
  side.generatorUs.push(ran.cpuUs / ran.acknowledged);
  if (cpuBefore !== null && cpuAfter !== null) side.serverUs.push((cpuAfter - cpuBefore) / ran.acknowledged);
}

function summary(shape: string, [bare, durable]: Side[], say: (line: string) => void): Figures {
  const ratios = durable!.perSecond.map((perSecond, round) => perSecond / bare!.perSecond[round]!);
  const figures: Figures = { [`durable_ack_ratio_${shape}`]: median(ratios) };
  say(`${shape}: durable acknowledgements ${median(ratios).toFixed(2)} of bare aedes (rounds ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`);
  for (const { name, perSecond, serverUs, generatorUs } of [bare!, durable!]) {
    figures[`${name}_acks_per_s_${shape}`] = median(perSecond);
    figures[`${name}_generator_us_per_message_${shape}`] = median(generatorUs);
    if (serverUs.length > 0) figures[`${name}_broker_us_per_message_${shape}`] = median(serverUs);
    say(`  ${name}: ${Math.round(median(perSecond))}/s, CPU a message: broker ${median(serverUs).toFixed(1)} µs, generator ${median(generatorUs).toFixed(1)} µs`);
  }
  return figures;
}

async function wholePath(dataDir: string, hubs: Hub[], window: number, { wholePathSeconds, say }: IngestOptions): Promise<Figures> {
  await rm(join(dataDir, 'journal'), { recursive: true, force: true }); // What the rounds before left is not to be worked now.
  const [mqttPort, httpPort] = [await freePort(), await freePort()];
  const service = await BenchService.start({ HEARTHWATCH_DATA_DIR: dataDir, HEARTHWATCH_MQTT_PORT: String(mqttPort), HEARTHWATCH_HTTP_PORT: String(httpPort) });
  const generator = await LoadGenerator.start();
  try {
    await generator.open(mqttPort, hubs, window);
    const cpuBefore = cpuUsOf(service.pid);
    const ran = await generator.run(wholePathSeconds);
    const doneMs = await untilWorked(httpPort, ran.acknowledged);
    const cpuAfter = cpuUsOf(service.pid);
    await checkStored(dataDir, ran.acknowledged);
    const perSecond = ran.acknowledged / (doneMs - ran.startedMs) * 1_000;
    const figures: Figures = {
      whole_path_per_s: perSecond,
      whole_path_readings: ran.acknowledged,
      whole_path_acks_per_s: ran.acknowledgedPublishing / ran.publishingMs * 1_000,
      whole_path_backlog_s: (doneMs - ran.startedMs - ran.totalMs) / 1_000,
      whole_path_generator_us_per_message: ran.cpuUs / ran.acknowledged,
    };
    if (cpuBefore !== null && cpuAfter !== null) figures['whole_path_service_us_per_message'] = (cpuAfter - cpuBefore) / ran.acknowledged;
    say(`whole path, ${hubs.length} connections × ${window} in flight: ${Math.round(perSecond)} readings/s (${ran.acknowledged} in all, acknowledged at ${Math.round(figures['whole_path_acks_per_s']!)}/s, worked off ${figures['whole_path_backlog_s']!.toFixed(1)} s after the last)`);
    say(`  CPU a reading: service ${figures['whole_path_service_us_per_message']?.toFixed(1) ?? '?'} µs, generator ${figures['whole_path_generator_us_per_message']!.toFixed(1)} µs`);
    return figures;
  } finally {
    generator.end();
    await service.stop();
  }
}

const POLL_EVERY_MS = 200;
const STALLED_AFTER_MS = 60_000;

/** Waits until detection has seen and the time series has stored so many readings; by the machine's clock. */
async function untilWorked(httpPort: number, readings: number): Promise<number> {
  let progress = -1;
  let movedMs = Date.now();
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
    const seen = valueOf(text, 'hearthwatch_readings_processed_total');
    const stored = valueOf(text, 'hearthwatch_readings_stored_total');
    if (seen >= readings && stored >= readings) return Date.now();
    if (seen + stored !== progress) movedMs = Date.now();
    progress = seen + stored;
    if (Date.now() - movedMs > STALLED_AFTER_MS) throw new Error(`of ${readings} readings detection saw ${seen} and the time series stored ${stored}; nothing moves any more`);
    await sleep(POLL_EVERY_MS);
  }
}

function valueOf(metrics: string, name: string): number {
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(metrics)?.[1] ?? 0);
}

async function checkStored(dataDir: string, readings: number): Promise<void> {
  const series = await openTimeSeries({ url: 'sqlite:', sqliteFile: join(dataDir, 'series.db'), readOnly: true });
  const stored = await series.count();
  await series.close();
  if (stored !== readings) throw new Error(`${readings} readings were acknowledged and ${stored} are stored`);
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
