import { CodedError } from '#libs/runtime';

export interface InfluxAddress {
  /** `http://host:port` or `https://host:port`. */
  origin: string;
  /** A database on 1.x, a bucket on 2.x, either on 3. */
  database: string;
  /** Basic, the one form that every version accepts; none without a user in the URL. */
  headers: Record<string, string>;
}

const DEFAULT_PORT = '8086';
const DATABASE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/**
 * Reads `influxdb://user:token@host:8086/bucket`, or `influxdbs://` over TLS.
 * @throws CodedError HW-SETTING that never shows the URL: it holds a token
 */
export function influxAddress(url: string): InfluxAddress {
  let parsed: URL;
  let user: string;
  let token: string;
  try {
    parsed = new URL(url);
    user = decodeURIComponent(parsed.username);
    token = decodeURIComponent(parsed.password);
  } catch {
    throw wrong('is not a URL; a token with / ? # % or @ is written percent-encoded');
  }
  const database = parsed.pathname.slice(1);
  if (parsed.protocol !== 'influxdb:' && parsed.protocol !== 'influxdbs:') throw wrong('begins with neither influxdb:// nor influxdbs://');
  if (parsed.hostname === '') throw wrong('names no host');
  if (!DATABASE.test(database)) throw wrong('names no bucket, or one of other letters than A–Z a–z 0–9 _ . -');
  if (parsed.search !== '' || parsed.hash !== '') throw wrong('has something behind the bucket');
  if (user === '' && token !== '') throw wrong('has a token without a user; 2.x and 3 accept any user beside a token');
  return {
    origin: `${parsed.protocol === 'influxdbs:' ? 'https' : 'http'}://${parsed.hostname}:${parsed.port || DEFAULT_PORT}`,
    database,
    headers: user === '' ? {} : { authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}` },
  };
}

function wrong(problem: string): CodedError {
  return new CodedError('HW-SETTING', `HEARTHWATCH_TIMESERIES_URL ${problem}`, 'Accepted: sqlite: or influxdb://user:token@host:8086/bucket (influxdbs:// over TLS)');
}
