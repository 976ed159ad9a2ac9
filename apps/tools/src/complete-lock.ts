/**
 * Completes package-lock.json with the optional packages of platforms other than this one.
 *
 * npm 11 may write a lock without them when node_modules already exists, and `npm ci` then refuses
 * that lock on every platform. Run `npm run lock` after a dependency changed. This file is run as it
 * stands, before anything is built, so it imports nothing of the project's.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

interface LockEntry {
  version?: string;
  integrity?: string;
  dev?: boolean;
  optional?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

interface Missing {
  name: string;
  version: string;
  dev: boolean;
}

/** What `npm view <name>@<version> --json` says, as far as the lock repeats it. */
interface Published {
  version: string;
  license?: string;
  cpu?: string[];
  os?: string[];
  libc?: string[];
  engines?: Record<string, string>;
  dependencies?: Record<string, string>;
  dist: { integrity: string };
}

const LOCK = 'package-lock.json';
const LOOKUPS_AT_ONCE = 6;
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** Platforms as they are spelled in package names; npm skips a package whose platform is another. */
const PLATFORMS = ['linux', 'darwin', 'win32', 'android', 'freebsd', 'openharmony'];
const PROCESSORS = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64'];

/** Not in the registry in use: locked by version and platform, without a checksum. */
const unpublished = new Set<string>();

const lock = JSON.parse(readFileSync(LOCK, 'utf8')) as { packages: Record<string, LockEntry> };

/** Looks where Node would: in the package's own node_modules, then in each one above. */
function lockedAs(from: string, name: string): LockEntry | undefined {
  for (let folder = from; folder !== ''; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const entry = lock.packages[`${folder}/node_modules/${name}`];
    if (entry) return entry;
  }
  return lock.packages[`node_modules/${name}`];
}

function missing(): Missing[] {
  const found = new Map<string, Missing>();
  for (const [path, entry] of Object.entries(lock.packages)) {
    const wanted = { ...entry.optionalDependencies, ...(entry.optional === true ? entry.dependencies : {}) };
    for (const [name, version] of Object.entries(wanted)) {
      if (lockedAs(path, name)?.integrity !== undefined || unpublished.has(name)) continue;
      if (!EXACT.test(version)) throw new Error(`${name}@${version} is no exact version: add it by hand`);
      found.set(name, { name, version, dev: entry.dev === true });
    }
  }
  return [...found.values()];
}

async function publishedOf({ name, version }: Missing): Promise<Published | undefined> {
  try {
    const { stdout } = await promisify(execFile)('npm', ['view', `${name}@${version}`, '--json'], { maxBuffer: 64 * 1024 * 1024 });
    const answer = JSON.parse(stdout) as Published | Published[];
    return Array.isArray(answer) ? answer[0] : answer;
  } catch (error) {
    if (!String((error as { stdout?: string }).stdout).includes('"E404"')) throw error;
    unpublished.add(name);
    return undefined;
  }
}

function entryByName({ name, version, dev }: Missing): [string, LockEntry & Record<string, unknown>] {
  const words = name.split(/[/-]/);
  const os = PLATFORMS.filter((platform) => words.includes(platform));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  const libc = words.includes('musl') || words.includes('musleabihf') ? ['musl'] : words.includes('gnu') || words.includes('gnueabihf') ? ['glibc'] : undefined;
  if (os.length === 0) throw new Error(`${name} is in no registry and its name tells no platform: add it by hand`);
  return [`node_modules/${name}`, { version, ...(cpu.length > 0 && { cpu }), ...(dev && { dev: true }), ...(libc && os.includes('linux') && { libc }), optional: true, os }];
}

function entryOf(wanted: Missing, published: Published): [string, LockEntry] {
  const { version, license, cpu, os, libc, engines, dependencies, dist } = published;
  const entry = {
    version,
    integrity: dist.integrity,
    ...(cpu && { cpu }),
    ...(wanted.dev && { dev: true }),
    ...(libc && { libc: [libc].flat() }),
    ...(license !== undefined && { license }),
    optional: true,
    ...(os && { os }),
    ...(dependencies && { dependencies }),
    ...(engines && { engines }),
  };
  return [`node_modules/${wanted.name}`, entry];
}

let added = 0;
for (let round = missing(); round.length > 0; round = missing()) {
  for (let first = 0; first < round.length; first += LOOKUPS_AT_ONCE) {
    await Promise.all(round.slice(first, first + LOOKUPS_AT_ONCE).map(async (wanted) => {
      const published = await publishedOf(wanted);
      const [path, entry] = published === undefined ? entryByName(wanted) : entryOf(wanted, published);
      lock.packages[path] = entry;
      added += 1;
    }));
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages of other platforms completed in ${LOCK}; ${unpublished.size} of them without a checksum, because the registry in use lacks them`);
