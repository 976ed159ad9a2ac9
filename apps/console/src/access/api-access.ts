import { applyDecorators, Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse } from '@nestjs/swagger';
import type { Request } from 'express';
import { HttpProblem } from '../http/problem.js';
import { isForged } from './forgery.js';
import { actorOf } from './who.js';

/** Lets a token in, or somebody who has signed in and whose request shows that their own page made it. */
@Injectable()
export class ApiGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const actor = actorOf(request);
    if (actor === undefined) throw new HttpProblem(401, 'HW-HTTP-UNAUTHENTICATED', 'This needs an API token or a sign-in', 'Send the header Authorization: Bearer <token>, with a token that has not been revoked');
    if (actor.by === 'session' && isForged(request)) {
      throw new HttpProblem(403, 'HW-HTTP-FORGED', 'The request does not show that a page of this service made it', 'Send the page\'s token as x-csrf-token, or use an API token');
    }
    return true;
  }
}

const problem = (description: string): { description: string; content: Record<string, { schema: { $ref: string } }> } =>
  ({ description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } });

/** A controller of the API: guarded, and documented with the errors that all of it can answer. */
export function ApiAccess(): ClassDecorator {
  return applyDecorators(
    UseGuards(ApiGuard), ApiBearerAuth(),
    ApiResponse({ status: 400, ...problem('Something in the request is not accepted') }),
    ApiResponse({ status: 401, ...problem('No valid token') }),
    ApiResponse({ status: 404, ...problem('There is no such thing') }),
    ApiResponse({ status: 409, ...problem('It contradicts what is there') }),
  );
}
