import { HttpError } from '@influxdata/influxdb-client';
import { CodedError } from '#libs/runtime';

/** A request that did not end as asked: the server's answer, or none. */
export interface Failure {
  /** HTTP status; undefined when there was no whole answer. */
  status?: number;
  /** The server's own words, or the system's. */
  words: string;
}

const WORDS_LENGTH_MAX = 300;

export function failureOf(error: unknown): Failure {
  if (error instanceof HttpError) return { status: error.statusCode, words: wordsOf(error).slice(0, WORDS_LENGTH_MAX) };
  const { message, code } = error as { message?: string; code?: string };
  return { words: (message !== undefined && message !== '' ? message : (code ?? 'no answer')).slice(0, WORDS_LENGTH_MAX) };
}

/** 1.x says `{"error":…}`, 2.x `{"code":…,"message":…}`, 3 `{"error":…,"data":[{"error_message":…}]}`. */
function wordsOf(error: HttpError): string {
  let json: unknown;
  try {
    json = JSON.parse(error.body ?? '');
  } catch {
    return error.body?.trim() || error.message;
  }
  const { error: words, message, data } = (json ?? {}) as { error?: unknown; message?: unknown; data?: { error_message?: unknown }[] };
  const lines = Array.isArray(data) ? data.map((line) => line?.error_message).filter((text) => typeof text === 'string') : [];
  return [words, message, ...lines].filter((text) => typeof text === 'string').join(': ') || error.message;
}

/**
 * What to do after a write that was not answered with 204.
 * - `split`: some line is at fault; halve the batch to find it;
 * - `suspect`: this one line is named by the server; give it up if the server is otherwise well;
 * - `missing`: the database or bucket does not exist;
 * - `hold`: anything else; wait and send the same again, for ever.
 */
export type Verdict = 'split' | 'suspect' | 'missing' | 'hold';

/** A limit of the server's is reached: more room is the answer, never fewer readings. */
const CAPACITY = /max-values-per-tag|max-series|exceed/i;
/** What 1.x, 2.x and 3 say of a line that no repeat will get stored. */
const NAMES_A_LINE = /unable to parse|field type conflict|conflicting types|beyond retention policy|invalid (column type|tag|field|measurement|number|boolean|timestamp|line)|missing (fields|tag|field value)|time outside range|max key length|partial write of line protocol/i;
const MISSING = /database not found|no dbrp mapping|bucket not found/i;

export function verdictOf({ status, words }: Failure, lines: number): Verdict {
  if (status === 404) return MISSING.test(words) ? 'missing' : 'hold';
  if (status !== 400 && status !== 413 && status !== 422) return 'hold';
  if (CAPACITY.test(words) && status !== 413) return 'hold';
  if (lines > 1) return 'split';
  return status === 413 || NAMES_A_LINE.test(words) ? 'suspect' : 'hold';
}

/** The failure for a person. Codes and ways out stand in docs/errors.md. */
export function explained({ status, words }: Failure): CodedError {
  if (status === undefined) {
    return new CodedError('HW-SERIES-UNREACHABLE', `InfluxDB does not answer: ${words}`, 'Check that it runs and that HEARTHWATCH_TIMESERIES_URL points to it');
  }
  if (status === 401 || status === 403) {
    return new CodedError('HW-SERIES-LOGIN', `InfluxDB refused the login (${status}): ${words}`, 'Check user and token in HEARTHWATCH_TIMESERIES_URL, and that they may read and write this bucket');
  }
  if (status === 404 && MISSING.test(words)) {
    return new CodedError('HW-SERIES-MISSING', `InfluxDB has no such database or bucket: ${words}`, 'Create it, or correct HEARTHWATCH_TIMESERIES_URL; a bucket name needs no mapping from 2.4 on');
  }
  if ((status === 400 || status === 422) && CAPACITY.test(words)) {
    return new CodedError('HW-SERIES-CAPACITY', `InfluxDB has reached a limit: ${words}`, 'Raise the limit in its configuration; readings wait in the journal until then');
  }
  return new CodedError('HW-SERIES-SERVER', `InfluxDB answered ${status}: ${words}`, 'See its log; readings wait in the journal until it accepts them');
}
