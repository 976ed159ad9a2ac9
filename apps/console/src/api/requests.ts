import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsEmail, IsIn, IsInt, IsObject, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength, ValidateIf,
} from 'class-validator';
import { OUTCOMES } from '#libs/alerts';
import { BASES, CONTACT_ROLES, CONTEXT_KINDS, HOME_KINDS, LOGIN_KINDS, ROOMS, USES, WIRED_KINDS } from '#libs/registry';
import { PSEUDONYM } from '#libs/telemetry';
import { IsMoment } from './moment.js';
import { STATUS_FILTERS } from './words.js';

const PSEUDONYM_MESSAGE = 'must be 1 to 64 of A–Z a–z 0–9 _ - (a pseudonym, never a name)';
const ERROR_CODE = /^HW-[A-Z-]{1,60}$/;
const KIND_NAME = /^[a-z][a-z0-9_]{0,63}$/;
const pseudonym = { pattern: PSEUDONYM.source, maxLength: 64 };
const oneOf = (words: readonly string[]): { message: string } => ({ message: `must be one of ${words.join(', ')}` });
/** Query parameters arrive as text. */
const number = ({ value }: { value: unknown }): unknown => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value);

/** What somebody at the door needs. `null` empties a property. */
export class AccessRequest {
  @ApiPropertyOptional({ type: String, nullable: true }) @ValidateIf((_, value) => value !== null && value !== undefined) @IsString() @MaxLength(500)
  address?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true }) @ValidateIf((_, value) => value !== null && value !== undefined) @IsString() @MaxLength(64)
  phone?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true }) @ValidateIf((_, value) => value !== null && value !== undefined) @IsString() @MaxLength(500)
  keySafe?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true }) @ValidateIf((_, value) => value !== null && value !== undefined) @IsString() @MaxLength(2000)
  hazards?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true }) @ValidateIf((_, value) => value !== null && value !== undefined) @IsString() @MaxLength(2000)
  accessNotes?: string | null;
}

export class HomeRequest extends AccessRequest {
  @ApiProperty({ example: 'h1', ...pseudonym }) @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  id!: string;

  @ApiProperty({ example: 'Europe/London', description: 'IANA time zone' }) @IsString() @MaxLength(64)
  timeZone!: string;

  @ApiPropertyOptional({ enum: HOME_KINDS, default: 'single' }) @IsOptional() @IsIn(HOME_KINDS, oneOf(HOME_KINDS))
  kind?: (typeof HOME_KINDS)[number];
}

export class ResidentRequest {
  @ApiProperty({ example: 'r1', ...pseudonym }) @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  id!: string;

  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(200)
  name?: string;

  @ApiProperty({ enum: BASES, description: 'On what basis they are monitored' }) @IsIn(BASES, oneOf(BASES))
  basis!: (typeof BASES)[number];

  @ApiProperty({ description: 'Who decided it' }) @IsString() @MinLength(1) @MaxLength(200)
  decidedBy!: string;

  @ApiProperty({ example: '2027-05-01', description: 'When the decision is looked at again' })
  @Matches(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, { message: 'must be a date such as 2027-05-01' })
  reviewOn!: string;
}

export class ContactRequest {
  @ApiProperty() @IsString() @MinLength(1) @MaxLength(200)
  name!: string;

  @ApiProperty({ enum: CONTACT_ROLES }) @IsIn(CONTACT_ROLES, oneOf(CONTACT_ROLES))
  role!: (typeof CONTACT_ROLES)[number];

  @ApiPropertyOptional() @IsOptional() @IsEmail({ require_tld: false }, { message: 'must be an email address' }) @MaxLength(254)
  email?: string;

  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(64)
  phone?: string;

  @ApiPropertyOptional({ description: 'Who is told first: ascending. Without it, last' }) @IsOptional() @IsInt() @Min(1) @Max(1_000)
  position?: number;
}

export class ContextRequest {
  @ApiProperty({ enum: CONTEXT_KINDS }) @IsIn(CONTEXT_KINDS, oneOf(CONTEXT_KINDS))
  kind!: (typeof CONTEXT_KINDS)[number];

  @IsMoment('When it begins')
  from!: number;

  @IsMoment('When it ends by itself')
  until!: number;

  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(2000)
  note?: string;
}

export class DeviceRequest {
  @ApiProperty({ example: 'pir-hall', ...pseudonym }) @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  id!: string;

  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(100)
  model?: string;

  @ApiProperty({ enum: ROOMS }) @IsIn(ROOMS, oneOf(ROOMS))
  room!: (typeof ROOMS)[number];

  @ApiPropertyOptional({ description: 'The name of the room; wanted where `room` is other' }) @IsOptional() @IsString() @MaxLength(100)
  name?: string;

  @ApiProperty({ enum: USES }) @IsIn(USES, oneOf(USES))
  use!: (typeof USES)[number];

  @ApiProperty({ type: [String], example: ['motion'], description: 'What it tells; see the table of kinds' })
  @IsArray({ message: 'must be a list of kinds, such as ["motion"]' }) @ArrayMinSize(1) @ArrayMaxSize(64) @Matches(KIND_NAME, { each: true, message: 'must be names of kinds: a–z, 0–9 and _, such as motion' })
  kinds!: string[];

  @ApiPropertyOptional({ description: 'The resident to whom it belongs, where that is one' }) @IsOptional() @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  resident?: string;
}

export class RuleRequest {
  @ApiProperty() @IsBoolean()
  enabled!: boolean;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, description: 'Only those that differ from the defaults' }) @IsOptional() @IsObject()
  parameters?: Record<string, number | boolean | string>;
}

export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 1000, default: 100 }) @IsOptional() @Transform(number) @IsInt() @Min(1) @Max(1_000)
  limit?: number;

  @ApiPropertyOptional({ description: 'The `next` of the page before' }) @IsOptional() @IsString() @MaxLength(500)
  after?: string;
}

export class QuarantineQuery extends PageQuery {
  @ApiPropertyOptional(pseudonym) @IsOptional() @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  home?: string;

  @ApiPropertyOptional(pseudonym) @IsOptional() @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  device?: string;

  @ApiPropertyOptional({ example: 'HW-DECODE-FAMILY' }) @IsOptional() @Matches(ERROR_CODE, { message: 'must be an error code such as HW-DECODE-FAMILY' })
  code?: string;

  @ApiPropertyOptional({ description: 'Anywhere in the reason or the topic' }) @IsOptional() @IsString() @MinLength(1) @MaxLength(200)
  text?: string;
}

/** Which messages of the quarantine are read again; without anything all that have not been read since. */
export class ReplayRequest {
  @ApiPropertyOptional(pseudonym) @IsOptional() @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  home?: string;

  @ApiPropertyOptional(pseudonym) @IsOptional() @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  device?: string;

  @ApiPropertyOptional({ example: 'HW-DECODE-FAMILY' }) @IsOptional() @Matches(ERROR_CODE, { message: 'must be an error code such as HW-DECODE-FAMILY' })
  code?: string;

  @ApiPropertyOptional() @IsOptional() @IsString() @MinLength(1) @MaxLength(200)
  text?: string;

  @ApiPropertyOptional({ type: [String], example: ['message/7'], description: 'Only these' })
  @IsOptional() @IsArray() @ArrayMinSize(1) @ArrayMaxSize(1_000) @IsString({ each: true }) @MaxLength(1_100, { each: true })
  keys?: string[];
}

export class AlertsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: STATUS_FILTERS }) @IsOptional() @IsIn(STATUS_FILTERS, oneOf(STATUS_FILTERS))
  status?: (typeof STATUS_FILTERS)[number];

  @ApiPropertyOptional(pseudonym) @IsOptional() @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  home?: string;
}

export class ReadingsQuery {
  @ApiPropertyOptional() @IsOptional() @Matches(KIND_NAME, { message: 'must be the name of a kind, such as motion' })
  kind?: string;

  @ApiPropertyOptional(pseudonym) @IsOptional() @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  device?: string;

  @IsOptional() @IsMoment('From this time on; without it from the first reading', { required: false })
  from?: number;

  @IsOptional() @IsMoment('Up to this time, which is not part of it; without it up to the last reading', { required: false })
  to?: number;

  @ApiPropertyOptional({ minimum: 1, maximum: 10_000, default: 1_000 }) @IsOptional() @Transform(number) @IsInt() @Min(1) @Max(10_000)
  limit?: number;

  @ApiPropertyOptional({ example: '1h', description: 'Aggregates over intervals of this length: a number with s, m, h or d. Intervals begin at multiples of it since 1970 UTC' })
  @IsOptional() @Matches(/^[1-9]\d{0,5}(s|m|h|d)$/, { message: 'must be a length such as 30s, 5m, 1h or 1d' })
  every?: string;

  @ApiPropertyOptional({ enum: ['count', 'mean', 'min', 'max', 'last'], default: 'count' }) @IsOptional() @IsIn(['count', 'mean', 'min', 'max', 'last'], oneOf(['count', 'mean', 'min', 'max', 'last']))
  fn?: 'count' | 'mean' | 'min' | 'max' | 'last';

  @ApiPropertyOptional({ description: 'The `next` of the page before' }) @IsOptional() @IsString() @MaxLength(500)
  after?: string;
}

export class NoteRequest {
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(2000)
  note?: string;
}

export class CommentRequest {
  @ApiProperty() @IsString() @Matches(/\S/, { message: 'must say something' }) @MaxLength(2000)
  note!: string;
}

export class ResolveRequest extends NoteRequest {
  @ApiProperty({ enum: OUTCOMES }) @IsIn(OUTCOMES, oneOf(OUTCOMES))
  outcome!: (typeof OUTCOMES)[number];

  @ApiPropertyOptional({ description: 'The alert\'s "change" when it was read: refused (HW-ALERT-CHANGED) if it became more severe or happened again since' }) @IsOptional() @IsInt() @Min(0)
  seenChange?: number;
}

export class EventsQuery {
  @ApiPropertyOptional({ ...pseudonym, description: 'Live readings of this home as well' }) @IsOptional() @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  home?: string;

  @ApiPropertyOptional({ minimum: 0, description: 'First what changed after this change number; a Last-Event-ID goes before it' }) @IsOptional() @Transform(number) @IsInt() @Min(0) @Max(Number.MAX_SAFE_INTEGER)
  since?: number;
}

/** Whom a new login is for; without a body it is for a hub. */
export class LoginRequest {
  @ApiPropertyOptional({ enum: LOGIN_KINDS, default: 'hub', description: 'hub reaches its home; device the topics of one device; mounted its home, with the beginning of each topic put in front by the service' })
  @IsOptional() @IsIn(LOGIN_KINDS, oneOf(LOGIN_KINDS))
  kind?: (typeof LOGIN_KINDS)[number];

  @ApiPropertyOptional({ ...pseudonym, description: 'Wanted with the kind device' }) @IsOptional() @Matches(PSEUDONYM, { message: PSEUDONYM_MESSAGE })
  device?: string;
}

export class RotationRequest {
  @IsMoment('Until when the old login still opens, 90 days from now at most')
  until!: number;
}

export class WiringRequest {
  @ApiProperty({ enum: WIRED_KINDS, description: 'Contacts and pads; an alarm is never turned round' }) @IsIn(WIRED_KINDS, oneOf(WIRED_KINDS))
  kind!: (typeof WIRED_KINDS)[number];

  @ApiProperty({ description: 'True: what the device tells is turned round' }) @IsBoolean()
  inverted!: boolean;
}

/** For whom a claim code is, and until when it can be exchanged. */
export class ClaimRequest extends LoginRequest {
  @IsMoment('Until when it can be exchanged, 14 days from now at most')
  expires!: number;
}

export class ImportQuery {
  @ApiPropertyOptional({ enum: ['true', 'false'], default: 'false', description: 'True: only checks' }) @IsOptional() @IsIn(['true', 'false'], oneOf(['true', 'false']))
  dryRun?: 'true' | 'false';
}

/** For requests that need nothing in their body; anything in it is refused. */
export class EmptyRequest {}
