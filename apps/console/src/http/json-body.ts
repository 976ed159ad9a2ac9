import type { NextFunction, Request, Response } from 'express';
import { HttpProblem } from './problem.js';

const CHANGES = new Set(['POST', 'PUT', 'PATCH']);
const hasBody = (request: Request): boolean => request.get('transfer-encoding') !== undefined || Number(request.get('content-length') ?? 0) > 0;

/** The one request whose body is a table. */
const isTable = (request: Request): boolean => request.path.endsWith('/devices/import') && Boolean(request.is('text/csv'));

/** The API takes JSON alone, but for a table of devices: a body of another type would arrive as nothing and look like success. */
export function onlyJson(request: Request, _response: Response, next: NextFunction): void {
  if (request.path.startsWith('/api/') && CHANGES.has(request.method) && hasBody(request) && request.is('application/json') === false && !isTable(request)) {
    next(new HttpProblem(415, 'HW-HTTP-TYPE', 'The type of the request body is not accepted', 'Send Content-Type: application/json in UTF-8'));
    return;
  }
  next();
}

/** Whatever checks a body further does so by recursion. */
const DEPTH_MAX = 8;

function isDeeperThan(value: unknown, max: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > max) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}

/** After the parser: a list, a bare value or something deeply nested is no request. */
export function onlyObjects(request: Request, _response: Response, next: NextFunction): void {
  const body: unknown = request.body;
  if (isTable(request)) {
    next();
    return;
  }
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
    next(new HttpProblem(400, 'HW-HTTP-BODY', 'The request body is not a JSON object', 'Send one object, such as {"note":"…"}'));
    return;
  }
  if (isDeeperThan(body, DEPTH_MAX)) {
    next(new HttpProblem(400, 'HW-HTTP-BODY', `The request body is nested more than ${DEPTH_MAX} deep`, 'No request needs that; see /api/docs'));
    return;
  }
  next();
}
