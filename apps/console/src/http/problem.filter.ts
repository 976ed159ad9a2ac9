import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SignInWanted } from '../access/page-access.js';
import { frameOf } from '../pages/page-of.js';
import { render } from '../pages/templates.js';
import { Stores } from '../stores.js';
import { explain, type Problem } from './problem.js';

const TITLES: Record<number, string> = {
  403: 'This was not accepted', 404: 'There is no such page', 409: 'This is no longer possible', 413: 'That is too long', 429: 'Too many attempts', 503: 'Not available just now',
};

/** Every error leaves here: programs get problem details, people a page that says what to do. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly stores: Stores) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<Request>(), http.getResponse<Response>());
  }

  answer(error: unknown, request: Request, response: Response): void {
    if (response.headersSent) {
      response.destroy(); // A stream that has begun can't become an error; the client sees it break off.
      return;
    }
    const fragment = request.path === '/alerts/list'; // Asked by a script, which is to see that it has been signed out.
    if (error instanceof SignInWanted && !fragment) {
      response.redirect(303, `/sign-in?next=${encodeURIComponent(request.method === 'GET' ? request.originalUrl : '/')}`);
      return;
    }
    const problem = error instanceof SignInWanted
      ? explain({ status: 401 }) : explain(error);
    if (problem.status >= 500) this.stores.log.error({ err: error, code: problem.code, method: request.method }, 'a request failed');
    if (problem.status === 429 || problem.status === 503) response.set('Retry-After', '60');
    if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer');
    if (wantsProblem(request)) response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
    else response.status(problem.status).type('html').send(this.page(problem, request));
  }

  private page(problem: Problem, request: Request): string {
    const lines = problem.status === 404 && problem.code === 'HW-HTTP-NOT-FOUND'
      ? ['Check the address, or begin again from the alerts.'] : [`${problem.detail}.`, `${problem.remedy}.`];
    return render('message.njk', {
      ...frameOf(request, this.stores.clock.nowMs(), TITLES[problem.status] ?? 'Something went wrong'),
      lines, reference: problem.code, way: { href: '/alerts', text: 'Go to the alerts' },
    });
  }
}

const wantsProblem = ({ path }: Request): boolean => path.startsWith('/api/') || path.startsWith('/health/') || path === '/metrics';
