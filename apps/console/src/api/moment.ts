import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/** RFC 3339 with a zone. Without one nobody can say which moment is meant. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})$/;
/** The end of the year 9999, the last that RFC 3339 can write. */
const LATEST_MS = 253_402_300_799_999;

/** Milliseconds since 1970 of an RFC 3339 time with a zone, or of milliseconds; NaN for anything else. */
export function momentMs(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return Number.NaN;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  // A `+` that was not escaped in an address arrives as a space.
  const text = value.replace(/ (\d{2}:\d{2})$/, '+$1');
  return RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
}

/** A property that holds a moment: RFC 3339 with a zone, or milliseconds since 1970; milliseconds after the check. */
export function IsMoment(description: string, options: { required: boolean } = { required: true }): PropertyDecorator {
  const message = 'must be a time as RFC 3339 with a zone, such as 2026-11-21T02:14:05Z, or milliseconds since 1970';
  const describe = options.required ? ApiProperty : ApiPropertyOptional;
  return applyDecorators(
    describe({ type: String, format: 'date-time', description }),
    Transform(({ value }: { value: unknown }) => (value === undefined ? undefined : momentMs(value))),
    IsInt({ message }), Min(0, { message }), Max(LATEST_MS, { message }),
  );
}

/** A moment as the interface tells it. */
export const iso = (ms: number): string => new Date(ms).toISOString();
export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));
