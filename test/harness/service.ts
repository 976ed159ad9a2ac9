import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports.js';

const READY_MAX_MS = 60_000;
const MAIN = 'dist/apps/hearthwatch/src/main.js';

export interface Login {
  username: string;
  password: string;
}

/** The whole service as its users run it: the built program in a process of its own, on free ports and a fresh data folder. */
export class Service {
  readonly token = `test-${crypto.randomUUID()}${crypto.randomUUID()}`;
  /** What it printed, both streams, for failed tests to show. */
  output = '';
  private child: ChildProcess | undefined;

  private constructor(
    readonly dataDir: string,
    readonly mqttPort: number,
    readonly httpPort: number,
    private readonly settings: Record<string, string>,
  ) {}

  static async create(settings: Record<string, string> = {}): Promise<Service> {
    const dataDir = await mkdtemp(join(tmpdir(), 'hearthwatch-service-'));
    return new Service(dataDir, await freePort(), await freePort(), settings);
  }

  get mqttUrl(): string {
    return `mqtt://127.0.0.1:${this.mqttPort}`;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Starts the process and waits until it says that it is ready. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HEARTHWATCH_DATA_DIR: this.dataDir,
        HEARTHWATCH_MQTT_PORT: String(this.mqttPort),
        HEARTHWATCH_HTTP_PORT: String(this.httpPort),
        HEARTHWATCH_BOOTSTRAP_TOKEN: this.token,
        HEARTHWATCH_LOG_LEVEL: 'warn',
        ...this.settings,
      },
    });
    this.child = child;
    const keep = (chunk: Buffer): void => { this.output = (this.output + chunk.toString()).slice(-20_000); };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const deadline = Date.now() + READY_MAX_MS;
    while (!(await this.isReady())) {
      if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}:\n${this.output}`);
      if (Date.now() > deadline) throw new Error(`the service was not ready in ${READY_MAX_MS} ms:\n${this.output}`);
      await sleep(50);
    }
  }

  async isReady(): Promise<boolean> {
    return fetch(`${this.httpUrl}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then((answer) => answer.ok, () => false);
  }

  /** What `/health/ready` names as failing. */
  async failing(): Promise<string[]> {
    const answer = await fetch(`${this.httpUrl}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    return ((await answer.json()) as { failing: string[] }).failing;
  }

  /** Ends the process by a signal and waits until it is gone; answers its exit code. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    return child.exitCode;
  }

  async dispose(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** A request with the bootstrap token; throws the problem's text unless the answer is a success. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.httpUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** All pages of a list. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    for (let after = ''; ;) {
      const page = await this.api<{ items: T[]; next?: string | null }>('GET', `${path}${after}`);
      items.push(...page.items);
      if (!page.next) return items;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
  }

  /** Registers a home with one resident and answers a hub's login for it. */
  async home(id: string, timeZone = 'Europe/London'): Promise<Login> {
    await this.api('POST', '/homes', { id, timeZone });
    await this.api('POST', `/homes/${id}/residents`, { id: 'r1', basis: 'consent', decidedBy: 'the resident', reviewOn: '2030-01-01' });
    return this.api<Login>('POST', `/homes/${id}/credentials`);
  }
}

/** Asks until the answer is there. @throws after `withinMs`, with the last error. */
export async function eventually<T>(withinMs: number, ask: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (let last: unknown; ;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = new Error('not yet');
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms`, { cause: last });
    await sleep(50);
  }
}
