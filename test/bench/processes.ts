import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SOURCE_ARGUMENTS } from '../harness/source-worker.js';
import type { Ask, Hub, RunResult } from './load-generator.js';

const ROOT = join(import.meta.dirname, '../..');

/** A process of the bench that talks by messages. */
class Talker {
  protected constructor(protected readonly child: ChildProcess) {}

  get pid(): number {
    return this.child.pid!;
  }

  protected async answer<T>(): Promise<T> {
    const ended = once(this.child, 'exit').then(([code]) => { throw new Error(`a process of the bench ended with ${String(code)}`); });
    const [message] = await Promise.race([once(this.child, 'message'), ended]) as [T];
    ended.catch(() => undefined);
    return message;
  }

  end(): void {
    this.child.removeAllListeners('exit');
    this.child.kill('SIGKILL');
  }
}

const forked = (file: string): ChildProcess => fork(join(import.meta.dirname, file), { execArgv: SOURCE_ARGUMENTS, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

export class LoadGenerator extends Talker {
  static async start(): Promise<LoadGenerator> {
    const generator = new LoadGenerator(forked('load-generator.ts'));
    await generator.answer();
    return generator;
  }

  async open(port: number, hubs: Hub[], window: number): Promise<void> {
    await this.ask({ type: 'open', port, hubs, window });
  }

  async run(seconds: number): Promise<RunResult> {
    return this.ask<RunResult>({ type: 'run', seconds });
  }

  private ask<T>(ask: Ask): Promise<T> {
    this.child.send(ask);
    return this.answer<T>();
  }
}

export class BareAedes extends Talker {
  port = 0;

  static async start(): Promise<BareAedes> {
    const aedes = new BareAedes(forked('bare-aedes.ts'));
    aedes.port = (await aedes.answer<{ port: number }>()).port;
    return aedes;
  }
}

/** The built service with some of its roles, ready. */
export class BenchService {
  private constructor(private readonly child: ChildProcess) {}

  static async start(settings: Record<string, string>): Promise<BenchService> {
    const child = spawn(process.execPath, [join(ROOT, 'dist/apps/hearthwatch/src/main.js')], {
      env: { PATH: process.env['PATH'], HEARTHWATCH_LOG_LEVEL: 'warn', ...settings },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the service ended with ${code}: ${output}`)));
      child.stdout.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-5_000);
        if (output.includes('Hearthwatch is ready')) resolve();
      });
    });
    child.removeAllListeners('exit');
    return new BenchService(child);
  }

  get pid(): number {
    return this.child.pid!;
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
  }
}

/** CPU time that a process has used, all its threads, µs; null where the machine does not tell. */
export function cpuUsOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000; // Linux counts in hundredths of a second.
  } catch {
    return null;
  }
}
