import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { HttpProblem } from './problem.js';

function lines(error: ValidationError, path = ''): string[] {
  const name = path === '' ? error.property : `${path}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) =>
    constraint === 'whitelistValidation' ? `${name}: is not a property that is known here` : `${name}: ${message.replace(`${error.property} `, '')}`);
  return [...own, ...(error.children ?? []).flatMap((child) => lines(child, name))];
}

/** Checks bodies and queries against their DTO. Unknown properties are refused, not dropped: a typo must not look like success. */
export const requestValidation = new ValidationPipe({
  whitelist: true,
  forbidNonWhitelisted: true,
  transform: true,
  stopAtFirstError: true,
  validationError: { target: false, value: false },
  exceptionFactory: (errors) => {
    const all = errors.flatMap((error) => lines(error));
    return new HttpProblem(400, 'HW-INVALID', all.join('; '), 'Correct these properties and send the request again; /api/docs lists what is accepted', all);
  },
});
