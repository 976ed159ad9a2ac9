import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Request, Response } from 'express';
import { alertView } from '../api/alert-view.js';
import { readingView } from '../api/readings.controller.js';
import { HttpProblem } from '../http/problem.js';
import { openStreams } from '../http/request-metrics.js';
import { Stores } from '../stores.js';
import { AlertFeed, RESUME_MAX } from './alert-feed.js';
import { ReadingFollower } from './reading-follower.js';

export const STREAMS_MAX = 200;
const BEAT_EVERY_MS = 15_000;
const READINGS_EVERY_MS = 1_000;
/** A client that reads so slowly that this much waits for it is let go; it comes back and resumes. */
const WAITING_MAX_BYTES = 1_048_576;

/** One server-sent event. Without `id`, a client that comes back resumes from the last that had one. */
function event(name: string, data: unknown, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The open streams of server-sent events: bounded in number and in what waits for each. */
@Injectable()
export class EventStreams implements OnModuleDestroy {
  private readonly open = new Set<Response>();

  constructor(private readonly stores: Stores, private readonly feed: AlertFeed) {}

  /**
   * Serves `GET /events`: `ready` at once, `alert` with every change of an alert (id: the change
   * number), `readings` of the home asked for, and a `beat` every 15 s.
   * @throws HttpProblem HW-EVENTS-FULL
   */
  async serve(request: Request, response: Response, options: { home?: string; since?: number; stillAllowed: () => Promise<boolean> }): Promise<void> {
    if (this.open.size >= STREAMS_MAX) throw new HttpProblem(503, 'HW-EVENTS-FULL', `${STREAMS_MAX} streams of events are open already`, 'Close some, or try again in a minute');
    this.open.add(response);
    openStreams.inc();
    response.status(200).set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store', Connection: 'keep-alive', 'X-Accel-Buffering': 'no' });
    response.flushHeaders();
    const endings: (() => void)[] = [() => { if (this.open.delete(response)) openStreams.dec(); }];
    response.on('close', () => endings.forEach((end) => end()));
    const send = (text: string): void => {
      if (response.destroyed || response.writableEnded) return;
      response.write(text);
      if (response.writableLength > WAITING_MAX_BYTES) response.destroy();
    };
    await this.sendAlerts(send, resumePoint(request) ?? options.since, endings);
    endings.push(this.beat(response, send, options.stillAllowed));
    if (options.home !== undefined) endings.push(this.sendReadings(options.home, send));
    if (response.destroyed) endings.forEach((end) => end());
  }

  onModuleDestroy(): void {
    for (const response of this.open) response.end();
  }

  /** What was missed first, then what changes; an alert that changes in between is told once, in order. */
  private async sendAlerts(send: (text: string) => void, resume: number | undefined, endings: (() => void)[]): Promise<void> {
    let told = resume ?? this.feed.position;
    const waiting: Parameters<Parameters<AlertFeed['listen']>[0]>[0] = [];
    let caughtUp = false;
    const tell = (alerts: typeof waiting): void => {
      for (const alert of alerts) {
        if (alert.change <= told) continue;
        told = alert.change;
        send(event('alert', alertView(alert), alert.change));
      }
    };
    endings.push(this.feed.listen((alerts) => (caughtUp ? tell(alerts) : void waiting.push(...alerts))));
    const missed = resume === undefined ? [] : await this.feed.missed(resume);
    send(event('ready', { change: told, truncated: missed.length >= RESUME_MAX }, told));
    tell(missed);
    tell(waiting);
    caughtUp = true;
  }

  private beat(response: Response, send: (text: string) => void, stillAllowed: () => Promise<boolean>): () => void {
    const timer = setInterval(() => {
      void stillAllowed().catch(() => true).then((allowed) => {
        if (allowed) send(`: still here\n${event('beat', {})}`);
        else response.end(); // Signed out, or the token was revoked.
      });
    }, BEAT_EVERY_MS);
    return () => clearInterval(timer);
  }

  private sendReadings(home: string, send: (text: string) => void): () => void {
    const follower = new ReadingFollower(this.stores.series, home);
    let timer: NodeJS.Timeout;
    let ended = false;
    const round = async (): Promise<void> => {
      try {
        const fresh = await follower.next();
        if (fresh.length > 0) send(event('readings', { home, items: fresh.map(readingView) }));
      } catch (error) {
        this.stores.log.warn({ err: error }, 'live readings could not be read; trying again');
      }
      if (!ended) timer = setTimeout(() => void round(), READINGS_EVERY_MS);
    };
    void round();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }
}

/** The change number after which a client that comes back wants to be told, or undefined for a new one. */
function resumePoint(request: Request): number | undefined {
  const given = request.get('last-event-id');
  return given !== undefined && /^\d{1,15}$/.test(given) ? Number(given) : undefined;
}
