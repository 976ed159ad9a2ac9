import { pointTimeUs, type Reading } from '#libs/telemetry';
import { storedPoint } from '../stored-point.js';

/** One reading as it is sent. */
export interface Line {
  reading: Reading;
  text: string;
}

/**
 * Readings in line protocol, one line a point: of several on one point the last, for a server may
 * keep either when both come in one request.
 * https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
 *
 * One measurement per kind with the tags home and device. Fields: `f` flags and `r` arrival in ms
 * (integers, always there), `v` number (always a float: a type once chosen can't be changed), `s`
 * text, `p` resident. Expects what `whyUnstorable` let through, so that measurement and tags need no
 * escape, and no line is empty or begins with `#`.
 */
export function linesOf(readings: readonly Reading[]): Line[] {
  const lines = new Map<string, Line>();
  for (const reading of readings) {
    const { home, device, kind } = reading;
    const series = `${kind},device=${device},home=${home}`;
    const timeUs = pointTimeUs(reading);
    lines.set(`${series} ${timeUs}`, { reading, text: `${series} ${fieldsOf(reading)} ${timeUs}000` });
  }
  return [...lines.values()];
}

function fieldsOf(reading: Reading): string {
  const { v, s, receivedMs, flags, resident } = storedPoint(reading);
  let fields = `f=${flags}i,r=${receivedMs}i`;
  if (v !== null) fields += `,v=${v}`;
  if (s !== null) fields += `,s=${quoted(s)}`;
  if (resident !== null) fields += `,p=${quoted(resident)}`;
  return fields;
}

/** Within a string field only these two mean anything; a line break is one of its characters. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
