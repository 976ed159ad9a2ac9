import { InfluxDB, type WriteApi } from '@influxdata/influxdb-client';
import { explained, failureOf, type Failure } from './answer.js';
import type { InfluxAddress } from './influx-url.js';
import { StrictTransport } from './strict-transport.js';

/** One series of an answer: rows of a measurement, and of a device where the query groups by it. */
export interface Rows {
  kind: string;
  device: string;
  rows: Record<string, number | string | boolean | null>[];
}

interface QueryAnswer {
  results?: { error?: string; series?: { name: string; tags?: Record<string, string>; columns: string[]; values?: (number | string | boolean | null)[][]; partial?: boolean }[]; partial?: boolean }[];
  error?: string;
}

/** Above every batch, so that the client never splits one. */
const BATCH_SIZE = 100_000;

/** What 1.x, 2.x and 3 understand alike: `/write`, `/query` in InfluxQL and `/ping`. */
export class InfluxClient {
  private readonly transport: StrictTransport;
  private readonly writeApi: WriteApi;

  constructor(private readonly address: InfluxAddress, requestMs: number, writing: AbortSignal) {
    this.transport = new StrictTransport(address, requestMs, writing);
    this.writeApi = new InfluxDB({ url: address.origin, transport: this.transport }).getWriteApi('', address.database, 'ns', {
      // The client's own batching and retries drop lines; here each flush is one request, once.
      batchSize: BATCH_SIZE, maxBatchBytes: Number.MAX_SAFE_INTEGER, flushInterval: 0, maxRetries: 0, gzipThreshold: Number.MAX_SAFE_INTEGER,
      writeFailed: async (error) => { throw error; }, // Else it logs, and takes some errors for success.
    });
    this.writeApi.path = `/write?db=${encodeURIComponent(address.database)}&precision=ns`;
  }

  /** One request. Undefined means that all lines are durable; a failure, that any of them may be. */
  async write(lines: string[]): Promise<Failure | undefined> {
    try {
      this.writeApi.writeRecords(lines);
      await this.writeApi.flush();
      return undefined;
    } catch (error) {
      return failureOf(error);
    }
  }

  /**
   * Times in the answer are microseconds; `limitMs` is for statements that take long. A database that does not exist yet (1.x) holds nothing.
   * @throws CodedError HW-SERIES-UNREACHABLE, HW-SERIES-LOGIN, HW-SERIES-MISSING, HW-SERIES-SERVER
   */
  async query(statement: string, limitMs?: number): Promise<Rows[]> {
    const path = `/query?db=${encodeURIComponent(this.address.database)}&epoch=u`;
    const answer = await this.request(path, `q=${encodeURIComponent(statement)}`, limitMs) as QueryAnswer | undefined;
    const error = answer?.error ?? answer?.results?.find((result) => result.error !== undefined)?.error;
    if (error !== undefined) {
      if (error.startsWith('database not found')) return [];
      throw explained({ status: 200, words: error });
    }
    return (answer?.results ?? []).flatMap(({ series, partial }) => {
      if (partial || series?.some((one) => one.partial)) throw explained({ status: 200, words: 'an answer cut short by max-row-limit' });
      return (series ?? []).map(({ name, tags, columns, values }) => ({
        kind: name,
        device: tags?.['device'] ?? '',
        rows: (values ?? []).map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))),
      }));
    });
  }

  /** Such as `1.6.7`, `v2.7.12` or `3.9.6`; empty when the server names none. */
  async version(): Promise<string> {
    try {
      let version = '';
      await this.transport.request('/ping', '', { method: 'GET', headers: { accept: 'text' } }, (headers) => {
        version = String(headers['x-influxdb-version'] ?? '');
      });
      return version;
    } catch (error) {
      throw explained(failureOf(error));
    }
  }

  /** On 1.x. Harmless when it exists. */
  async createDatabase(): Promise<void> {
    await this.query(`CREATE DATABASE "${this.address.database}"`);
  }

  close(): void {
    this.transport.close();
  }

  private async request(path: string, body: string, limitMs: number | undefined): Promise<unknown> {
    try {
      return await this.transport.request(path, body, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      }, undefined, limitMs);
    } catch (error) {
      throw explained(failureOf(error));
    }
  }
}
