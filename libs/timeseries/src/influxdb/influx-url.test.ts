import { expect, test } from '@jest/globals';
import { CodedError } from '#libs/runtime';
import { openTimeSeries } from '../index.js';
import { influxAddress } from './influx-url.js';

test('host, port, bucket and login are read from the URL', () => {
  expect(influxAddress('influxdb://hub:s%40%2Fcr%23t@db.example:9999/homes')).toEqual({
    origin: 'http://db.example:9999', database: 'homes', headers: { authorization: `Basic ${Buffer.from('hub:s@/cr#t').toString('base64')}` },
  });
  expect(influxAddress('influxdb://localhost/homes')).toEqual({ origin: 'http://localhost:8086', database: 'homes', headers: {} });
  expect(influxAddress('influxdbs://a:b@[::1]:1/x-1.y_2')).toMatchObject({ origin: 'https://[::1]:1', database: 'x-1.y_2' });
});

test.each([
  'influxdb://host', 'influxdb://host/', 'influxdb://host/a/b', 'influxdb://host/a%20b', 'influxdb://host/a"b', 'influxdb:///homes',
  'influxdb://u:secret@host:99999/homes', 'influxdb://u:100%secret@host/homes', 'influxdb://host/homes?rp=x', 'influxdb://:secret@host/homes',
  'http://host/homes', 'postgres://u:secret@host/homes', 'nonsense', '',
])('%p is refused as a setting, without showing it', async (url) => {
  const error = await openTimeSeries({ url, sqliteFile: '' }).then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(CodedError);
  const { code, line } = error as CodedError;
  expect(code).toBe('HW-SETTING');
  expect(line).toContain('HEARTHWATCH_TIMESERIES_URL');
  expect(line).not.toContain('secret');
});
