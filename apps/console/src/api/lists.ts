import { applyDecorators } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '@nestjs/swagger';

/** A list as the interface tells it. `next` is null on the last page. */
export interface List<T> { items: T[]; next: string | null }

/** All of a short list, in one page. */
export const whole = <T>(items: T[]): List<T> => ({ items, next: null });

/** Describes an answer that is a list of `view`s. */
export function ApiList(view: Type): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(view),
    ApiOkResponse({
      schema: {
        type: 'object',
        required: ['items', 'next'],
        properties: { items: { type: 'array', items: { $ref: getSchemaPath(view) } }, next: { type: 'string', nullable: true, description: 'Send as `after` for the next page' } },
      },
    }),
  );
}
