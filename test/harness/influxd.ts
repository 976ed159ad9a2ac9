import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real InfluxDB for a test, with an empty database of its own. */
export interface RunningInfluxDB {
  /** For HEARTHWATCH_TIMESERIES_URL. */
  url: string;
  stop(): Promise<void>;
}

export type InfluxDBSource = 'url' | 'docker' | 'influxd';

const BUCKET = 'homes';
const IMAGE = 'influxdb:2.7';
const ANSWER_WITHIN_MS = 1_500;

/** What to install when there is none; shown in the title of what is skipped. */
export const INFLUXDB_MISSING = `not run: start a Docker engine, or install influxd (Debian: apt install influxdb), or set INFLUXDB_URL to an empty bucket`;

/**
 * Which real InfluxDB this machine has: INFLUXDB_URL (an empty bucket of any version, which the tests
 * fill and empty), else a Docker engine that answers, else an `influxd` 1.x in the PATH.
 */
export async function findInfluxDB(): Promise<InfluxDBSource | undefined> {
  if (process.env['INFLUXDB_URL']) return 'url';
  if (await dockerAnswers()) return 'docker';
  return influxdFile() === undefined ? undefined : 'influxd';
}

export async function startInfluxDB(source: InfluxDBSource): Promise<RunningInfluxDB> {
  if (source === 'url') return { url: process.env['INFLUXDB_URL']!, stop: () => Promise.resolve() };
  if (source === 'influxd') return Influxd.start();
  const { GenericContainer, Wait } = await import('testcontainers'); // Only where an engine answers: loading it takes a second.
  const container = await new GenericContainer(IMAGE)
    .withEnvironment({
      DOCKER_INFLUXDB_INIT_MODE: 'setup', DOCKER_INFLUXDB_INIT_USERNAME: 'admin', DOCKER_INFLUXDB_INIT_PASSWORD: 'only-for-tests',
      DOCKER_INFLUXDB_INIT_ORG: 'test', DOCKER_INFLUXDB_INIT_BUCKET: BUCKET, DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: 'token-only-for-tests',
    })
    .withExposedPorts(8086)
    .withWaitStrategy(Wait.forHttp('/health', 8086))
    .start();
  return {
    url: `influxdb://any:token-only-for-tests@${container.getHost()}:${container.getMappedPort(8086)}/${BUCKET}`,
    stop: async () => { await container.stop(); },
  };
}

/** testcontainers waits for ever on a socket that never answers, so it is asked first. */
function dockerAnswers(): Promise<boolean> {
  const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  const target = host.startsWith('unix://')
    ? { socketPath: host.slice('unix://'.length) }
    : { host: new URL(host).hostname, port: new URL(host).port || '2375' };
  return new Promise((resolve) => {
    const ping = request({ ...target, path: '/_ping', timeout: ANSWER_WITHIN_MS }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => resolve(false));
    ping.end();
  });
}

/** The `influxd` of the PATH, if there is one. */
export function influxdFile(): string | undefined {
  return (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'influxd')).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface InfluxdOptions {
  /** More of influxd's settings, such as `INFLUXDB_HTTP_AUTH_ENABLED`. */
  env?: Record<string, string>;
  /** In the URL; influxd asks for them only with authentication enabled. */
  user?: string;
  password?: string;
}

/** influxd 1.x as a child process on ports and in a folder of its own. It can be killed, stopped and started again. */
export class Influxd implements RunningInfluxDB {
  private child: ChildProcess | undefined;

  private constructor(private readonly folder: string, private readonly port: number, private readonly options: InfluxdOptions) {}

  static async start(options: InfluxdOptions = {}): Promise<Influxd> {
    const influxd = new Influxd(await mkdtemp(join(tmpdir(), 'hearthwatch-influxd-')), await freePort(), options);
    await influxd.startAgain();
    return influxd;
  }

  get url(): string {
    const { user = '', password = '' } = this.options;
    return `influxdb://${user === '' ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`}127.0.0.1:${this.port}/${BUCKET}`;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** After a kill: with the same data, on the same port. */
  async startAgain(env: Record<string, string> = {}): Promise<void> {
    const child = spawn(influxdFile() ?? 'influxd', ['-config', '/dev/null'], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...await this.environment(), ...env } });
    this.child = child;
    process.once('exit', () => child.kill('SIGKILL')); // A test that dies takes it along.
    let said = '';
    child.stderr.on('data', (text: Buffer) => { said = (said + text.toString()).slice(-4_000); });
    for (let waitedMs = 0; ; waitedMs += 20) {
      if (child.exitCode !== null || waitedMs > 20_000) throw new Error(`influxd did not start: ${said}`);
      if (await this.answers()) return;
      await sleep(20);
    }
  }

  /** kill -9: no time to save anything. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Stands still with its sockets open, like an overloaded machine, until `resume`. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  /** One statement as administrator of a test; `results` of the answer. */
  async query(statement: string, user?: string, password?: string): Promise<unknown> {
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
    if (user !== undefined) headers['authorization'] = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const answer = await fetch(`${this.origin}/query?db=${BUCKET}&epoch=u`, { method: 'POST', headers, body: `q=${encodeURIComponent(statement)}` });
    return answer.json();
  }

  /** Lines from somebody else. */
  async write(lines: string): Promise<number> {
    return (await fetch(`${this.origin}/write?db=${BUCKET}`, { method: 'POST', body: lines })).status;
  }

  async stop(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => { child.once('exit', resolve); });
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  private async environment(): Promise<Record<string, string>> {
    return {
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${await freePort()}`,
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${this.port}`,
      INFLUXDB_META_DIR: join(this.folder, 'meta'),
      INFLUXDB_DATA_DIR: join(this.folder, 'data'),
      INFLUXDB_DATA_WAL_DIR: join(this.folder, 'wal'),
      INFLUXDB_DATA_INDEX_VERSION: 'tsi1',
      INFLUXDB_DATA_MAX_VALUES_PER_TAG: '0',
      INFLUXDB_DATA_MAX_SERIES_PER_DATABASE: '0',
      INFLUXDB_MONITOR_STORE_ENABLED: 'false',
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
      INFLUXDB_DATA_QUERY_LOG_ENABLED: 'false',
      INFLUXDB_LOGGING_LEVEL: 'error',
      ...this.options.env,
    };
  }

  private async answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.origin}/ping`, { signal: AbortSignal.timeout(1_000) })).status === 204;
    } catch {
      return false;
    }
  }
}

/** A port that is free now; nothing keeps it free. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}
