import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { HttpProblem } from './problem.js';

function lines(error: ValidationError, path = ''): string[] {
  const name = path === '' ? error.property : `${path}.${error.property}`;
  const own = mostTelling(error.constraints ?? {}).map(([constraint, message]) =>
    constraint === 'whitelistValidation' ? `${name}: is not a property that is known here` : `${name}: ${message.replace(`${error.property} `, '')}`);
  return [...own, ...(error.children ?? []).flatMap((child) => lines(child, name))];
}

/** Of what is missing or of another type, class-validator says its length is wrong as well. */
const TELLING_FIRST = /^(whitelistValidation|is(String|Int|Number|Boolean|Array|Object))$/;

function mostTelling(constraints: Record<string, string>): [constraint: string, message: string][] {
  const all = Object.entries(constraints);
  return [all.find(([constraint]) => TELLING_FIRST.test(constraint)) ?? all[0]].filter((one) => one !== undefined);
}

/** Checks bodies and queries against their DTO. Unknown properties are refused, not dropped: a typo must not look like success. */
export const requestValidation = new ValidationPipe({
  whitelist: true,
  forbidNonWhitelisted: true,
  transform: true,
  validationError: { target: false, value: false },
  exceptionFactory: (errors) => {
    const all = errors.flatMap((error) => lines(error));
    return new HttpProblem(400, 'HW-INVALID', all.join('; '), 'Correct these properties and send the request again; /api/docs lists what is accepted', all);
  },
});
