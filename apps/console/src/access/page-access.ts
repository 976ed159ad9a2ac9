import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { HttpProblem } from '../http/problem.js';
import { isForged } from './forgery.js';
import { actorOf } from './who.js';

/** Thrown for a stranger at a page; the filter sends them to the sign-in page and back. */
export class SignInWanted extends Error {}

/** Lets in people who have signed in; their forms must come from their own page. */
@Injectable()
export class PageGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (actorOf(request)?.by !== 'session') throw new SignInWanted();
    if (isForged(request)) throw new HttpProblem(403, 'HW-HTTP-FORGED', 'This form was not sent from a page of yours that is still valid', 'Go back, reload the page and send it again');
    return true;
  }
}
