import { expect, test } from '@jest/globals';
import { CodedError, KNOWN_VARIABLES, readSettings } from './index.js';

function refusal(env: Record<string, string>): CodedError {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(env)}`);
}

test('without any variable the service listens on loopback with embedded stores', () => {
  expect(readSettings({})).toEqual({
    dataDir: './data', bind: '127.0.0.1', allowPlain: false, mqttPort: 1883, httpPort: 3000,
    timeseriesUrl: 'sqlite:', databaseUrl: 'sqlite:', journalUrl: 'file:',
    roles: ['broker', 'monitor', 'console'], clock: 'system', retentionDays: [30, 400],
    publicUrl: null, smtpUrl: null, mailFrom: 'hearthwatch@localhost', bootstrapToken: null, logLevel: 'info',
  });
});

test('every variable is read', () => {
  const settings = readSettings({
    HEARTHWATCH_DATA_DIR: '/srv/hw', HEARTHWATCH_BIND: '0.0.0.0', HEARTHWATCH_ALLOW_PLAIN: 'true',
    HEARTHWATCH_MQTT_PORT: 'off', HEARTHWATCH_HTTP_PORT: '8080', HEARTHWATCH_TIMESERIES_URL: 'influxdb://u:t@h:8086/homes',
    HEARTHWATCH_DATABASE_URL: 'postgres://u:p@h:5432/d', HEARTHWATCH_JOURNAL_URL: 'file:', HEARTHWATCH_ROLES: 'console, broker',
    HEARTHWATCH_CLOCK: 'readings', HEARTHWATCH_RETENTION_DAYS: '7,90', HEARTHWATCH_PUBLIC_URL: 'https://care.example/watch',
    HEARTHWATCH_SMTP_URL: 'smtp://mail:1025', HEARTHWATCH_MAIL_FROM: 'alerts@care.example',
    HEARTHWATCH_BOOTSTRAP_TOKEN: 't'.repeat(32), HEARTHWATCH_LOG_LEVEL: 'warn',
  });
  expect(settings).toEqual({
    dataDir: '/srv/hw', bind: '0.0.0.0', allowPlain: true, mqttPort: null, httpPort: 8080,
    timeseriesUrl: 'influxdb://u:t@h:8086/homes', databaseUrl: 'postgres://u:p@h:5432/d', journalUrl: 'file:',
    roles: ['console', 'broker'], clock: 'readings', retentionDays: [7, 90], publicUrl: 'https://care.example/watch',
    smtpUrl: 'smtp://mail:1025', mailFrom: 'alerts@care.example', bootstrapToken: 't'.repeat(32), logLevel: 'warn',
  });
});

const WRONG: [variable: string, value: string][] = [
  ['HEARTHWATCH_BIND', 'my-server'],
  ['HEARTHWATCH_BIND', '999.1.1.1'],
  ['HEARTHWATCH_ALLOW_PLAIN', 'yes-please'],
  ['HEARTHWATCH_MQTT_PORT', '99999'],
  ['HEARTHWATCH_MQTT_PORT', '18.83'],
  ['HEARTHWATCH_HTTP_PORT', 'off'],
  ['HEARTHWATCH_HTTP_PORT', 'three-thousand'],
  ['HEARTHWATCH_TIMESERIES_URL', 'influxdb://s3cret'],
  ['HEARTHWATCH_DATABASE_URL', 'mysql://u:s3cret@h/d'],
  ['HEARTHWATCH_DATABASE_URL', 'postgres://u:s3cret%zz@h/d'],
  ['HEARTHWATCH_DATABASE_URL', 'postgres://u:s3cret@h:port/d'],
  ['HEARTHWATCH_JOURNAL_URL', 'nats://s3cret@h'],
  ['HEARTHWATCH_ROLES', 'broker,kettle'],
  ['HEARTHWATCH_ROLES', 'broker,broker'],
  ['HEARTHWATCH_CLOCK', 'sundial'],
  ['HEARTHWATCH_RETENTION_DAYS', '31'],
  ['HEARTHWATCH_RETENTION_DAYS', '0,401'],
  ['HEARTHWATCH_RETENTION_DAYS', '31,401,501'],
  ['HEARTHWATCH_PUBLIC_URL', 'https://care.example/'],
  ['HEARTHWATCH_SMTP_URL', 'http://s3cret@mail'],
  ['HEARTHWATCH_SMTP_URL', 'smtp://u:s3cret@'],
  ['HEARTHWATCH_SMTP_URL', 'smtp://u:s3cret%zz@mail'],
  ['HEARTHWATCH_MAIL_FROM', 'nobody-at-all'],
  ['HEARTHWATCH_BOOTSTRAP_TOKEN', 'too-short-s3cret'],
  ['HEARTHWATCH_BOOTSTRAP_TOKEN', ' '.repeat(40)],
  ['HEARTHWATCH_LOG_LEVEL', 'chatty'],
  ['HEARTHWATCH_MQTTS_PORT', '8883'],
  ['HEARTHWATCH_MQTT_WS_PORT', '8083'],
  ['HEARTHWATCH_TLS_CERT', '/etc/cert.pem'],
  ['HEARTHWATCH_TLS_KEY', '/etc/key.pem'],
  ['HEARTHWATCH_TLS_CA', '/etc/ca.pem'],
  ['HEARTHWATCH_MQTT_PROT', '1884'],
];

test.each(WRONG)('%s=%s is refused in one line that names it and not its value', (variable, value) => {
  const { code, line } = refusal({ [variable]: value });
  expect(code).toBe('HW-SETTING');
  expect(line).toContain(variable);
  expect(line).not.toContain(value);
  expect(line).not.toContain('\n');
});

test('what a later version brings may be switched off today', () => {
  expect(() => readSettings({ HEARTHWATCH_MQTTS_PORT: 'off', HEARTHWATCH_MQTT_WS_PORT: 'off' })).not.toThrow();
});

test('an empty variable counts as unset', () => {
  for (const variable of KNOWN_VARIABLES) expect(readSettings({ [variable]: '' })).toEqual(readSettings({}));
});

test('beyond loopback plain traffic has to be allowed', () => {
  expect(refusal({ HEARTHWATCH_BIND: '0.0.0.0' }).line).toContain('HEARTHWATCH_ALLOW_PLAIN');
  expect(refusal({ HEARTHWATCH_BIND: '192.0.2.7' }).line).toContain('HEARTHWATCH_ALLOW_PLAIN');
  for (const bind of ['127.0.0.2', '::1']) expect(readSettings({ HEARTHWATCH_BIND: bind }).bind).toBe(bind);
});
