import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { KNOWN_VARIABLES } from '#libs/runtime';
import { ROOT, lineOf, projectFiles, roomOf, sourceFiles, targetOf, visit } from './architecture/source-files.js';

/**
 * Imports point upstream: a room may import what stands in its row, and nothing else. Rows are in
 * the order of the flow, from the device to the clinician.
 */
const LIBS = {
  runtime: [],
  telemetry: [],
  journal: ['runtime'],
  timeseries: ['runtime', 'telemetry'],
  database: ['runtime'],
  registry: ['runtime', 'database', 'telemetry'],
  quarantine: ['runtime', 'database', 'telemetry'],
  detection: ['telemetry'],
  alerts: ['runtime', 'database', 'detection'],
  escalation: ['runtime', 'database', 'registry', 'alerts'],
  notifications: ['runtime', 'database', 'registry', 'alerts', 'escalation'],
  identity: ['runtime', 'database', 'registry'],
  fhir: ['telemetry', 'registry', 'alerts'],
} satisfies Record<string, string[]>;

const libs = (names: string[]): string[] => names.map((name) => `libs/${name}`);
const everyLibBut = (...names: string[]): string[] => libs(Object.keys(LIBS).filter((name) => !names.includes(name)));
const APPS = ['apps/broker', 'apps/monitor', 'apps/console', 'apps/hearthwatch', 'apps/tools'];

const MAY_IMPORT: Record<string, string[]> = {
  ...Object.fromEntries(Object.entries(LIBS).map(([name, allowed]) => [`libs/${name}`, libs(allowed)])),
  'apps/broker': libs(['runtime', 'telemetry', 'journal', 'database', 'registry']),
  'apps/monitor': everyLibBut('identity', 'fhir'),
  'apps/console': everyLibBut('journal'),
  'apps/hearthwatch': ['libs/runtime', 'apps/broker', 'apps/monitor', 'apps/console'],
  simulators: libs(['telemetry', 'runtime']),
  'apps/tools': [...everyLibBut(), ...APPS, 'simulators'],
  test: [...everyLibBut(), ...APPS, 'simulators'],
};

const FUNCTION_LINES_MAX = 70;
const README_LINES_MAX = 80;
const BANNED_WORDS = new Set(['util', 'utils', 'common', 'helper', 'helpers', 'manager', 'misc']);
/** The only place that may ask for the time below apps/. */
const CLOCK = 'libs/runtime/src/clock.ts';

const FILES = sourceFiles();
const PRODUCT = FILES.filter(({ isTest }) => !isTest);
const DOCUMENTS = projectFiles().filter((path) => path.endsWith('.md'));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

test('the project has files to look at', () => {
  expect(PRODUCT.length).toBeGreaterThan(20);
  expect(DOCUMENTS.length).toBeGreaterThan(0);
});

test('a room imports only what its row allows', () => {
  const wrong = FILES.flatMap(({ path, imports, isTest }) => imports.flatMap((specifier) => {
    const target = targetOf(path, specifier);
    const [from, to] = [roomOf(path), target === undefined ? undefined : roomOf(target)];
    if (to === undefined || to === from || MAY_IMPORT[from]?.includes(to)) return [];
    if (isTest && target?.startsWith('test/harness/')) return [];
    return [`${path} imports ${specifier}`];
  }));
  expect(wrong).toEqual([]);
});

test('a room is entered by its door: a path that leaves the own room is written #libs/…, #apps/… or #simulators', () => {
  const wrong = FILES.flatMap(({ path, imports, isTest }) => imports.filter((specifier) => {
    const target = specifier.startsWith('.') ? targetOf(path, specifier) : undefined;
    return target !== undefined && roomOf(target) !== roomOf(path) && !(isTest && target.startsWith('test/harness/'));
  }).map((specifier) => `${path} imports ${specifier}`));
  expect(wrong).toEqual([]);
});

test('a door is for others: nothing inside a room imports it', () => {
  const wrong = PRODUCT.flatMap(({ path, imports }) => imports
    .filter((specifier) => targetOf(path, specifier) === `${roomOf(path)}/src/index.ts`)
    .map((specifier) => `${path} imports ${specifier}`));
  expect(wrong).toEqual([]);
});

test('every import of the own project names a file that exists', () => {
  const wrong = FILES.flatMap(({ path, imports }) => imports.filter((specifier) => {
    const target = targetOf(path, specifier);
    return target !== undefined && !target.includes('*') && !existsSync(join(ROOT, target));
  }).map((specifier) => `${path} imports ${specifier}`));
  expect(wrong).toEqual([]);
});

test('no barrel files beside the doors', () => {
  const isDoor = (path: string): boolean => /^((libs|apps)\/[\w-]+|simulators)\/src\/index\.ts$/.test(path);
  const barrels = FILES.filter(({ path, ast }) => !isDoor(path) && (
    path.endsWith('/index.ts') || (ast.statements.length > 0 && ast.statements.every((statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier))
  ));
  expect(barrels.map(({ path }) => path)).toEqual([]);
});

test('no file imports itself through others', () => {
  const graph = new Map(PRODUCT.map(({ path, importsAtRunTime }) => [path, importsAtRunTime.flatMap((specifier) => targetOf(path, specifier) ?? [])]));
  const finished = new Set<string>();
  const cycles: string[] = [];
  const walk = (path: string, trail: string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (finished.has(path) || trail.includes(path)) return;
    for (const target of graph.get(path) ?? []) walk(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  expect(cycles).toEqual([]);
});

test(`functions have at most ${FUNCTION_LINES_MAX} lines`, () => {
  const long = PRODUCT.flatMap(({ path, ast }) => {
    const found: string[] = [];
    visit(ast, (node) => {
      if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return;
      const [first, last] = [lineOf(ast, node.getStart()), lineOf(ast, node.end)];
      if (last - first + 1 > FUNCTION_LINES_MAX) found.push(`${path}:${first} has ${last - first + 1} lines`);
    });
    return found;
  });
  expect(long).toEqual([]);
});

test('below apps/ time and chance come in as arguments', () => {
  const found = PRODUCT.filter(({ path }) => /^(libs|simulators)\//.test(path) && path !== CLOCK).flatMap(({ path, ast }) => {
    const places: string[] = [];
    visit(ast, (node) => {
      const text = ts.isCallExpression(node) ? node.expression.getText() : ts.isNewExpression(node) && !node.arguments?.length ? `new ${node.expression.getText()}` : '';
      const banned = path.startsWith('libs/') ? ['Date.now', 'Date', 'new Date', 'Math.random'] : ['Math.random'];
      if (banned.includes(text)) places.push(`${path}:${lineOf(ast, node.getStart())} ${text}()`);
    });
    return places;
  });
  expect(found).toEqual([]);
});

test('files and folders are named after what they hold', () => {
  const wrong = FILES.map(({ path }) => path).filter((path) => path.split('/').some((part) => {
    const name = part.replace(/(\.test)?\.ts$/, '');
    return name === 'base' || name.split(/[-.]/).some((word) => BANNED_WORDS.has(word));
  }));
  expect(wrong).toEqual([]);
});

test('every room has a README of one screen', () => {
  const rooms = [...new Set(PRODUCT.map(({ path }) => roomOf(path)))];
  expect(rooms.filter((room) => !existsSync(join(ROOT, room, 'README.md')))).toEqual([]);
  expect(rooms.filter((room) => existsSync(join(ROOT, room, 'README.md')) && read(`${room}/README.md`).split('\n').length > README_LINES_MAX)).toEqual([]);
});

test('docs/errors.md lists every error code of the code, once, and no other', () => {
  const inCode = new Set(PRODUCT.flatMap(({ ast }) => {
    const codes: string[] = [];
    visit(ast, (node) => {
      if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) codes.push(...(node.text.match(/\bHW-[A-Z0-9]+(-[A-Z0-9]+)*/g) ?? []));
    });
    return codes;
  }));
  const inTable = [...read('docs/errors.md').matchAll(/^\| *`?(HW-[A-Z0-9-]+)`? *\|/gm)].map(([, code]) => code!);
  expect(inTable.toSorted()).toEqual([...inCode].toSorted());
});

test('.env.example and docs/operators/install.md list every setting, and no other', () => {
  const variables = (text: string): string[] => [...new Set(text.match(/\bHEARTHWATCH_[A-Z_]+[A-Z]/g))].toSorted();
  const known = [...KNOWN_VARIABLES].toSorted();
  expect(variables(read('.env.example'))).toEqual(known);
  expect(variables(read('docs/operators/install.md'))).toEqual(known);
});

test('every relative link of the documents leads to a file, and to a heading where it names one', () => {
  const slug = (heading: string): string => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').trim().replaceAll(' ', '-');
  const headings = (path: string): string[] => [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading!));
  const broken = DOCUMENTS.flatMap((path) => [...read(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !headings(target).includes(anchor);
  }).map((link) => `${path} links ${link}`));
  expect(broken).toEqual([]);
});

test('the lock file is complete for every platform: else npm ci refuses it everywhere', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) => Object.keys(optionalDependencies)
    .filter((name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages))
    .map((name) => `${path} → ${name}: npm run lock`));
  expect(missing).toEqual([]);
});

test('the repository names no machine and no registry', () => {
  const text = projectFiles().filter((path) => /(\.(ts|js|json|md|njk|scss|css|yml|yaml|sh)|\/run|^[^/]*)$/.test(path) && path !== 'test/architecture.test.ts');
  const found = text.flatMap((path) => {
    const match = /(?<![\w.}*-])\/(work|root|home)\/[\w.-]+|"resolved":|registry\.npmjs/.exec(read(path));
    return match ? [`${path}: ${match[0]}`] : [];
  });
  expect(found).toEqual([]);
});
