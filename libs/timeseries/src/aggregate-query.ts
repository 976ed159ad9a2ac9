import { CodedError } from '#libs/runtime';
import type { AggregateQuery } from './time-series.js';

/** @throws CodedError HW-INVALID for an interval that is none */
export function checkAggregate({ everyMs }: AggregateQuery): void {
  if (!Number.isSafeInteger(everyMs) || everyMs < 1) {
    throw new CodedError('HW-INVALID', 'every is not accepted', 'A whole number of milliseconds above 0');
  }
}
