import { HttpError, InfluxDB, type CommunicationObserver, type SendOptions, type Transport } from '@influxdata/influxdb-client';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { InfluxAddress } from './influx-url.js';

const SOCKETS_MAX = 8;

/**
 * The official client's transport without its leniency: a request ends within `requestMs` and takes
 * its socket with it; a write succeeded only when the answer was 204 (a 201 means partly).
 */
export class StrictTransport implements Transport {
  readonly chunkCombiner: Transport['chunkCombiner'];
  private readonly inner: Transport;
  private readonly agent: HttpAgent;
  private readonly closing = new AbortController();

  /** `writing` ends writes, at once and for good; `close` ends everything. */
  constructor({ origin, headers }: InfluxAddress, private readonly requestMs: number, private readonly writing: AbortSignal) {
    const Agent = origin.startsWith('https:') ? HttpsAgent : HttpAgent;
    this.agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
    this.inner = new InfluxDB({ url: origin, headers, timeout: 0, transportOptions: { agent: this.agent } }).transport;
    this.chunkCombiner = this.inner.chunkCombiner;
  }

  /** Used by the client's WriteApi alone. */
  send(path: string, body: string, options: SendOptions, callbacks: Partial<CommunicationObserver<Uint8Array>> = {}): void {
    const { signal, end } = this.limited(this.requestMs, this.closing.signal, this.writing);
    let status: number | undefined;
    const fail = (error: Error): void => {
      end();
      callbacks.error?.(this.named(error, signal, this.requestMs));
    };
    this.inner.send(path, body, { ...options, signal }, {
      responseStarted: (headers, statusCode) => {
        status = statusCode;
        callbacks.responseStarted?.(headers, statusCode);
      },
      error: fail,
      complete: () => {
        if (status !== 204) return fail(new HttpError(status ?? 0, undefined, undefined, undefined, undefined, `answered ${status}, which does not mean that everything is stored`));
        end();
        callbacks.complete?.();
      },
    });
  }

  async request(path: string, body: unknown, options: SendOptions, responseStarted?: Parameters<Transport['request']>[3], limitMs = this.requestMs): Promise<unknown> {
    const { signal, end } = this.limited(limitMs, this.closing.signal);
    try {
      return await this.inner.request(path, body, { ...options, signal }, responseStarted);
    } catch (error) {
      throw this.named(error as Error, signal, limitMs);
    } finally {
      end();
    }
  }

  iterate(): never {
    throw new Error('streamed answers are not used here');
  }

  /** Ends whatever is under way. */
  close(): void {
    this.closing.abort();
    this.agent.destroy();
  }

  private limited(limitMs: number, ...enders: AbortSignal[]): { signal: AbortSignal; end: () => void } {
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    const timer = setTimeout(abort, limitMs);
    for (const ender of enders) {
      if (ender.aborted) abort();
      else ender.addEventListener('abort', abort, { once: true });
    }
    return {
      signal: controller.signal,
      end: () => {
        clearTimeout(timer);
        for (const ender of enders) ender.removeEventListener('abort', abort);
      },
    };
  }

  /** The client says `Response aborted` whatever the reason was. */
  private named(error: Error, signal: AbortSignal, limitMs: number): Error {
    if (this.closing.signal.aborted || this.writing.aborted) return new Error('the connection was closed here');
    return signal.aborted ? new Error(`no answer within ${limitMs} ms`) : error;
  }
}
