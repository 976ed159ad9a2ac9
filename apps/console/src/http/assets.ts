import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { ASSETS_FOLDER, NHSUK_FOLDER } from '../files.js';

interface Asset { type: string; body: string; version: string }

const asset = (type: string, body: string): Asset => ({ type, body, version: createHash('sha256').update(body).digest('base64url').slice(0, 12) });
const own = (name: string): string => readFileSync(join(ASSETS_FOLDER, name), 'utf8');

/** The styles as published, without their web font: that is licensed to the NHS alone and lies on a server elsewhere. */
function nhsukStyles(): string {
  return readFileSync(join(NHSUK_FOLDER, 'nhsuk/nhsuk-frontend.min.css'), 'utf8')
    .replace(/@font-face\s*\{[^}]*\}/g, '')
    .replace(/\/\*# sourceMappingURL=[^*]*\*\//g, '');
}

const assets: Record<string, Asset> = {
  'nhsuk.css': asset('text/css; charset=utf-8', nhsukStyles()),
  'hearthwatch.css': asset('text/css; charset=utf-8', own('hearthwatch.css')),
  'live.js': asset('text/javascript; charset=utf-8', own('live.js')),
  'watch.js': asset('text/javascript; charset=utf-8', own('watch.js')),
  'standing.js': asset('text/javascript; charset=utf-8', own('standing.js')),
  'errors.js': asset('text/javascript; charset=utf-8', own('errors.js')),
  'icon.svg': asset('image/svg+xml', own('icon.svg')),
};

/** The address of an asset with its version, so that it may be kept for ever. */
export function assetAddress(name: string): string {
  const found = assets[name];
  if (found === undefined) throw new Error(`there is no asset ${name}`);
  return `/assets/${name}?v=${found.version}`;
}

/** Serves `/assets/…` from memory: a few small files, read once. */
export const serveAssets: RequestHandler = (request, response, next) => {
  const name = request.path.slice('/assets/'.length);
  const found = request.method === 'GET' && request.path.startsWith('/assets/') && Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (found === undefined) {
    next();
    return;
  }
  response.type(found.type).set('Cache-Control', request.query['v'] === found.version ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.send(found.body);
};
