import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '#libs/runtime';

const READY_MAX_MS = 60_000;
const STOP_MAX_MS = 10_000;
const LINES_KEPT = 20;

/** The service as a child process: started, watched, stopped. */
export class ServiceProcess {
  private readonly lines: string[] = [];
  private readonly listeners: ((line: string) => void)[] = [];
  private stopping = false;

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.heard(line));
    }
  }

  /** Starts the built service in a folder, with these settings and none of the surrounding HEARTHWATCH_ variables or `.env`. */
  static start(folder: string, settings: Record<string, string>): ServiceProcess {
    const main = join(projectRoot(), 'dist/apps/hearthwatch/src/main.js');
    const others = Object.entries(process.env).filter(([name]) => !name.startsWith('HEARTHWATCH_'));
    // A group of its own: Ctrl-C reaches the demo alone, which then stops the service in order.
    const child = spawn(process.execPath, [main], { cwd: folder, env: { ...Object.fromEntries(others), ...settings }, stdio: ['ignore', 'pipe', 'pipe'], detached: true, windowsHide: true });
    return new ServiceProcess(child);
  }

  onLine(listener: (line: string) => void): void {
    for (const line of this.lines) listener(line);
    this.listeners.push(listener);
  }

  /** Calls back if the service ends by itself. */
  onEnded(listener: (error: CodedError) => void): void {
    this.child.once('exit', (code) => {
      if (!this.stopping) listener(this.endedError(code));
    });
  }

  /** Resolves when the service says that all its parts work. */
  async ready(httpUrl: string, signal: AbortSignal): Promise<void> {
    for (const endMs = performance.now() + READY_MAX_MS; performance.now() < endMs && !signal.aborted;) {
      if (this.ended) throw this.endedError(this.child.exitCode);
      const answer = await fetch(`${httpUrl}/health/ready`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return;
      await sleep(150);
    }
    if (!signal.aborted) throw new CodedError('HW-DEMO-SERVICE', `The service was not ready within ${READY_MAX_MS / 1_000} s; it last said: ${this.lastWords}`, 'Start it alone with npm start to see more');
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.ended) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const forced = setTimeout(() => this.child.kill('SIGKILL'), STOP_MAX_MS);
    await exited;
    clearTimeout(forced);
  }

  /** For an exit that cannot wait. */
  kill(): void {
    if (!this.ended) this.child.kill('SIGKILL');
  }

  private get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private get lastWords(): string {
    return this.lines.slice(-5).join(' | ');
  }

  private endedError(code: number | null): CodedError {
    return new CodedError('HW-DEMO-SERVICE', `The service ended (${code ?? 'by a signal'}); it last said: ${this.lastWords}`, 'Start it alone with npm start to see more');
  }

  private heard(line: string): void {
    this.lines.push(line);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
    for (const listener of this.listeners) listener(line);
  }
}

function projectRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
