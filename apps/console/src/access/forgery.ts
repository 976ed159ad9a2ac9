import { createHash } from 'node:crypto';
import { csrfSync } from 'csrf-sync';
import type { Request } from 'express';
import { actorOf } from './who.js';

/** What a page of a signed-in person sends back with each form: made from the session's secret, which no other site can read. */
export function csrfTokenOf(sessionSecret: string): string {
  return createHash('sha256').update(`hearthwatch csrf ${sessionSecret}`).digest('base64url');
}

const { isRequestValid } = csrfSync({
  getTokenFromState: (request) => {
    const actor = actorOf(request);
    return actor?.by === 'session' ? actor.csrfToken : undefined;
  },
  getTokenFromRequest: (request) => {
    const body = request.body as { csrf?: unknown } | undefined;
    return typeof body?.csrf === 'string' ? body.csrf : request.get('x-csrf-token');
  },
});

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** True for a change that another site may have made a signed-in browser send. */
export function isForged(request: Request): boolean {
  return !READS.has(request.method) && (isCrossSite(request) || !isRequestValid(request as never));
}

/** True when the browser itself says that another site made the request. For forms before there is a session. */
export function isCrossSite(request: Request): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const origin = request.get('origin');
  if (origin === undefined) return false;
  try {
    return new URL(origin).host !== request.get('host');
  } catch {
    return true;
  }
}
