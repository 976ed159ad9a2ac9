import { spawn, type ChildProcess } from 'node:child_process';
import { access, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** A PostgreSQL server of the tests' own (or the one of `PG_URL`). */
export interface PostgresServer {
  /** Of a database that exists, by a user who may create others. */
  url: string;
  stop(): Promise<void>;
  /** Ends the server at once, as a power cut would; only where it is a child process. */
  kill?(): Promise<void>;
}

type Source = { from: 'url'; url: string } | { from: 'docker' } | { from: 'binaries'; folder: string } | { from: 'nowhere' };

const IMAGE = 'postgres:17-alpine';
const DOCKER_ANSWER_MAX_MS = 1_500;
const START_MAX_MS = 30_000;
const START_ATTEMPTS_MAX = 3;

export const POSTGRES_MISSING = 'no PostgreSQL: set PG_URL, start Docker, or install the package postgresql';

const source = await findSource();

/** Whether a PostgreSQL can be had on this machine; if not, tests say POSTGRES_MISSING and are skipped. */
export const postgresAvailable = source.from !== 'nowhere';

/**
 * Starts a server: `PG_URL` if set, else a container where a Docker engine answers, else the
 * binaries of Debian's package.
 */
export async function startPostgres(): Promise<PostgresServer> {
  if (source.from === 'url') return { url: source.url, stop: () => Promise.resolve() };
  if (source.from === 'docker') return startContainer();
  if (source.from === 'binaries') return startBinaries(source.folder);
  throw new Error(POSTGRES_MISSING);
}

/** Whether `startPostgres` gives a server that a test may kill. */
export const postgresIsOurs = source.from === 'binaries';

/** A new, empty database on a server; `drop` ends whoever is still connected. */
export async function createPostgresDatabase(server: PostgresServer): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `hearthwatch_test_${crypto.randomUUID().replaceAll('-', '')}`;
  await administer(server.url, `create database ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(server.url, `drop database if exists ${name} with (force)`) };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function findSource(): Promise<Source> {
  const url = process.env['PG_URL'];
  if (url !== undefined && url !== '') return { from: 'url', url };
  if (await dockerAnswers()) return { from: 'docker' };
  const folder = await findBinaries();
  return folder === undefined ? { from: 'nowhere' } : { from: 'binaries', folder };
}

function dockerAnswers(): Promise<boolean> {
  const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  const target = host.startsWith('unix://')
    ? { socketPath: host.slice('unix://'.length) }
    : { host: new URL(host).hostname, port: new URL(host).port };
  return new Promise((resolve) => {
    const ping = request({ ...target, path: '/_ping', timeout: DOCKER_ANSWER_MAX_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => resolve(false));
    ping.on('close', () => resolve(false));
    ping.end();
  });
}

/** Debian keeps each version's binaries in a folder of its own. */
async function findBinaries(): Promise<string | undefined> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
    const folder = join(root, version, 'bin');
    if (await exists(join(folder, 'initdb')) && await exists(join(folder, 'postgres'))) return folder;
  }
  return undefined;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

async function startContainer(): Promise<PostgresServer> {
  const { GenericContainer } = await import('testcontainers');
  const container = await new GenericContainer(IMAGE)
    .withEnvironment({ POSTGRES_PASSWORD: 'test' }).withExposedPorts(5432).start();
  const url = `postgres://postgres:test@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
  await untilAnswering(url, () => undefined);
  return { url, stop: async () => { await container.stop(); } };
}

async function startBinaries(folder: string): Promise<PostgresServer> {
  const as = await whoRuns();
  for (let attempt = 1; ; attempt += 1) {
    const data = await mkdtemp(join(tmpdir(), 'hearthwatch-postgres-'));
    try {
      return await startIn(data, folder, as);
    } catch (error) {
      await rm(data, { recursive: true, force: true });
      if (attempt === START_ATTEMPTS_MAX) throw error; // Somebody else may have taken the port meanwhile.
    }
  }
}

async function startIn(data: string, folder: string, as: { uid: number; gid: number } | undefined): Promise<PostgresServer> {
  if (as) await chown(data, as.uid, as.gid);
  await finished(spawn(join(folder, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'], { ...as, cwd: data, stdio: ['ignore', 'ignore', 'pipe'] }));
  const port = await freePort();
  const server = spawnBound(join(folder, 'postgres'), [
    '-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off', '-c', 'max_connections=200',
  ], { ...as, cwd: data });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  try {
    await untilAnswering(url, server.failure);
  } catch (error) {
    await server.end('QUIT');
    throw error;
  }
  return { url, stop: () => server.end('INT'), kill: () => server.end('QUIT') };
}

/** PostgreSQL refuses to run as root. */
async function whoRuns(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return user ? { uid: Number(user[2]), gid: Number(user[3]) } : undefined;
}

/**
 * A child that a shell ends, removing its folder, when this process is gone, however it went: no
 * server outlives its tests.
 */
function spawnBound(program: string, args: string[], options: { uid?: number; gid?: number; cwd: string }): { failure: () => string | undefined; end: (signal: 'INT' | 'QUIT') => Promise<void> } {
  const script = '"$@" & child=$!; read -r signal; kill -"${signal:-QUIT}" $child 2>/dev/null; wait $child; cd / && rm -rf "$0"';
  const shell = spawn('sh', ['-c', script, options.cwd, program, ...args], { ...options, stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  shell.stderr.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-4_000); });
  shell.stdin.on('error', () => undefined); // The shell may be gone already.
  const gone = new Promise<void>((resolve) => { shell.once('exit', () => resolve()); });
  return {
    failure: () => (shell.exitCode !== null || /FATAL: +(?! |the database system is starting up)/.test(said) ? said : undefined),
    end: async (signal) => { shell.stdin.end(`${signal}\n`); await gone; },
  };
}

async function finished(child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  const code = await new Promise<number | null>((resolve, reject) => { child.once('error', reject); child.once('exit', resolve); });
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}: ${said.slice(-1_000)}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function untilAnswering(url: string, failure: () => string | undefined): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 50) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      const failed = failure();
      if (failed !== undefined) throw new Error(`PostgreSQL did not start: ${failed}`, { cause: error });
      if (waitedMs > START_MAX_MS) throw error;
    }
    await pause(50);
  }
}
