import type { NextFunction, Request, Response } from 'express';
import { Gauge, Histogram, metrics } from '#libs/runtime';

const NAME = 'hearthwatch_http_request_seconds';

/** One for the thread, however often a console is started in it (tests do). */
const seconds = (metrics.getSingleMetric(NAME) as Histogram<'method' | 'route' | 'status'> | undefined) ?? new Histogram({
  name: NAME, help: 'Time to answer an HTTP request, without streams of events', labelNames: ['method', 'route', 'status'],
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5], registers: [metrics],
});

const STREAMS = 'hearthwatch_http_event_streams';
export const openStreams = (metrics.getSingleMetric(STREAMS) as Gauge | undefined) ?? new Gauge({ name: STREAMS, help: 'Open streams of server-sent events', registers: [metrics] });

/** Measures by route, never by address: addresses hold pseudonyms of homes. */
export function measureRequests(request: Request, response: Response, next: NextFunction): void {
  const end = seconds.startTimer();
  response.on('finish', () => {
    const route = (request.route as { path?: unknown } | undefined)?.path;
    if (route === '/api/v1/events') return;
    end({ method: request.method, route: typeof route === 'string' ? route : 'none', status: String(response.statusCode) });
  });
  next();
}
