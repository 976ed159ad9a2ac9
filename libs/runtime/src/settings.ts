import 'reflect-metadata';
import { plainToInstance, Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsIP, IsOptional, IsString, Matches, Max, Min, MinLength, validateSync } from 'class-validator';
import { CodedError } from './errors.js';

export const ROLES = ['broker', 'monitor', 'console'] as const;
export type Role = (typeof ROLES)[number];

const port = ({ value }: { value: unknown }): unknown => (value === '' || value === 'off' ? null : Number(value));
const flag = ({ value }: { value: unknown }): unknown => (value === 'true' ? true : value === 'false' ? false : value);

/** Settings that later versions will have. `off` is accepted, so that a file written for them starts today. */
const NOT_YET: Record<string, string> = {
  HEARTHWATCH_MQTTS_PORT: 'Leave it out, or off. For MQTT over TLS put a TLS proxy in front of HEARTHWATCH_MQTT_PORT',
  HEARTHWATCH_MQTT_WS_PORT: 'Leave it out, or off. Connect by MQTT over TCP',
  HEARTHWATCH_TLS_CERT: 'Leave it out. Put a TLS proxy in front of the service',
  HEARTHWATCH_TLS_KEY: 'Leave it out. Put a TLS proxy in front of the service',
  HEARTHWATCH_TLS_CA: 'Leave it out. Client certificates are checked by the TLS proxy in front',
};

/** What each setting accepts, in the words of the error that names it. */
const ACCEPTED: Record<keyof Settings, string> = {
  dataDir: 'a folder that the service may write to',
  bind: 'an IP address such as 127.0.0.1 or 0.0.0.0',
  allowPlain: 'true or false',
  mqttPort: 'a port from 1 to 65535, or off',
  httpPort: 'a port from 1 to 65535',
  timeseriesUrl: 'sqlite: or influxdb://user:token@host:8086/bucket (influxdbs:// over TLS)',
  databaseUrl: 'sqlite: or postgres://user:password@host:5432/database',
  journalUrl: 'file: (nats:// is not in this version yet)',
  roles: `a comma-separated choice of ${ROLES.join(', ')}, each once`,
  clock: 'system or readings',
  retentionDays: 'two numbers of days, journal and series, such as 30,400',
  publicUrl: 'an http:// or https:// address without a trailing slash',
  smtpUrl: 'smtp://[user:password@]host:port or smtps://…',
  mailFrom: 'an email address',
  bootstrapToken: 'a token of 32 characters or more, without spaces',
  logLevel: 'trace, debug, info, warn, error or silent',
};

/** Settings of the service, from the environment (`HEARTHWATCH_…`), checked once at the start. */
export class Settings {
  @IsString() @MinLength(1)
  dataDir: string = './data';

  @IsIP()
  bind: string = '127.0.0.1';

  @Transform(flag) @IsBoolean()
  allowPlain: boolean = false;

  /** null: off. */
  @Transform(port) @IsOptional() @IsInt() @Min(1) @Max(65535)
  mqttPort: number | null = 1883;

  @Transform(port) @IsInt() @Min(1) @Max(65535)
  httpPort: number = 3000;

  @Matches(/^(sqlite:|influxdbs?:\/\/[^\s/]+\/[^\s/]+)$/)
  timeseriesUrl: string = 'sqlite:';

  @Matches(/^(sqlite:|postgres(ql)?:\/\/\S+)$/)
  databaseUrl: string = 'sqlite:';

  @Matches(/^file:$/)
  journalUrl: string = 'file:';

  @Transform(({ value }) => (typeof value === 'string' ? value.split(',').map((role) => role.trim()) : value))
  @IsIn(ROLES, { each: true })
  roles: Role[] = [...ROLES];

  @IsIn(['system', 'readings'])
  clock: 'system' | 'readings' = 'system';

  @Transform(({ value }) => (typeof value === 'string' ? value.split(',').map(Number) : value))
  @IsInt({ each: true }) @Min(1, { each: true }) @Max(36_500, { each: true })
  retentionDays: [journal: number, series: number] = [30, 400];

  @IsOptional() @Matches(/^https?:\/\/[^\s/]+(\/\S*[^\s/])?$/)
  publicUrl: string | null = null;

  @IsOptional() @Matches(/^smtps?:\/\/\S+$/)
  smtpUrl: string | null = null;

  @Matches(/^[^\s@]+@[^\s@]+$/)
  mailFrom: string = 'hearthwatch@localhost';

  @IsOptional() @Matches(/^[\x21-\x7e]{32,}$/)
  bootstrapToken: string | null = null;

  @IsIn(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
  logLevel: string = 'info';
}

const variableOf = (property: string): string =>
  `HEARTHWATCH_${property.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** The environment variable of each setting, for documents and their test. */
export const SETTING_VARIABLES: Record<keyof Settings, string> = Object.fromEntries(
  Object.keys(ACCEPTED).map((property) => [property, variableOf(property)]),
) as Record<keyof Settings, string>;

function wrong(property: keyof Settings, problem: string): CodedError {
  return new CodedError('HW-SETTING', `${SETTING_VARIABLES[property]} ${problem}`, `Accepted: ${ACCEPTED[property]}`);
}

/** Whether the libraries that are given it will be able to take it apart: else they fail when it is first used, in words of their own. */
function isReadable(url: string | null): boolean {
  if (url === null || !url.includes('://')) return true;
  try {
    const { hostname, username, password } = new URL(url);
    decodeURIComponent(username);
    decodeURIComponent(password);
    return hostname !== '';
  } catch {
    return false;
  }
}

/** Every variable that the service knows, those of later versions included. */
export const KNOWN_VARIABLES: readonly string[] = [...Object.values(SETTING_VARIABLES), ...Object.keys(NOT_YET)];

/**
 * Reads and checks all settings. An empty variable counts as unset.
 * @throws CodedError HW-SETTING naming the first wrong variable and what is accepted, never its value.
 */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const known = new Map(Object.entries(SETTING_VARIABLES).map(([property, variable]) => [variable, property]));
  const given: Record<string, string> = {};
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('HEARTHWATCH_') || value === undefined || value === '') continue;
    const later = NOT_YET[variable];
    if (later !== undefined) {
      if (value === 'off') continue;
      throw new CodedError('HW-SETTING', `${variable} is not in this version yet`, later);
    }
    const property = known.get(variable);
    if (property === undefined) {
      throw new CodedError('HW-SETTING', `${variable} is not a setting`, 'See .env.example for all settings');
    }
    given[property] = value;
  }
  const settings = plainToInstance(Settings, given, { exposeDefaultValues: true });
  const [error] = validateSync(settings);
  if (error) throw wrong(error.property as keyof Settings, 'is not accepted');
  if (settings.roles.length === 0 || new Set(settings.roles).size !== settings.roles.length) throw wrong('roles', 'is not accepted');
  if (settings.retentionDays.length !== 2) throw wrong('retentionDays', 'is not accepted');
  for (const property of ['databaseUrl', 'smtpUrl', 'publicUrl'] as const) {
    if (!isReadable(settings[property])) throw wrong(property, 'is not a URL; / ? # % or @ in a user or password are written percent-encoded');
  }
  const loopback = settings.bind === '::1' || settings.bind.startsWith('127.');
  if (!loopback && !settings.allowPlain) {
    throw new CodedError(
      'HW-SETTING',
      'HEARTHWATCH_BIND is beyond loopback and would carry plain MQTT and HTTP',
      'Put a TLS proxy in front and set HEARTHWATCH_ALLOW_PLAIN=true, or bind 127.0.0.1',
    );
  }
  return settings;
}
