import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { signIn, type SignedIn } from '#libs/identity';
import { CodedError } from '#libs/runtime';
import { Access } from '../access/access.js';
import { isCrossSite, isForged } from '../access/forgery.js';
import { actorOf } from '../access/who.js';
import { HttpProblem } from '../http/problem.js';
import { Stores } from '../stores.js';
import { frameOf } from './page-of.js';
import { render } from './templates.js';

const text = (value: unknown, lengthMax: number): string => (typeof value === 'string' ? value.slice(0, lengthMax) : '');

/** A place of this service to go on to after the sign-in; anything else becomes the alerts. */
export function placeAfter(next: unknown): string {
  const path = text(next, 500);
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && !path.includes('\\') && !path.startsWith('/sign-') ? path : '/alerts';
}

interface Form { username: string; next: string; fieldErrors: { username?: string; password?: string }; summary?: string }

@ApiExcludeController()
@Controller()
export class SignInController {
  constructor(private readonly stores: Stores, private readonly access: Access) {}

  @Get('sign-in')
  form(@Req() request: Request, @Res() response: Response, @Query('next') next: unknown, @Query('out') out: unknown): void {
    if (actorOf(request)?.by === 'session') {
      response.redirect(303, placeAfter(next));
      return;
    }
    const notice = out === undefined ? undefined : 'You have signed out.';
    this.show(request, response, 200, { username: '', next: placeAfter(next), fieldErrors: {} }, notice);
  }

  @Post('sign-in')
  async signIn(@Req() request: Request, @Res() response: Response, @Body() body: Record<string, unknown>): Promise<void> {
    if (isCrossSite(request)) throw new HttpProblem(403, 'HW-HTTP-FORGED', 'The sign-in form was sent from another site', 'Open this service\'s own sign-in page');
    const username = text(body['username'], 200).trim();
    const password = text(body['password'], 1_000);
    const next = placeAfter(body['next']);
    const fieldErrors = { ...(username === '' && { username: 'Enter your username' }), ...(password === '' && { password: 'Enter your password' }) };
    if (Object.keys(fieldErrors).length > 0) {
      this.show(request, response, 400, { username, next, fieldErrors });
      return;
    }
    const user = await this.check(username, password, request.ip ?? '');
    if (user instanceof CodedError) {
      response.set('Retry-After', '60');
      this.show(request, response, 429, { username, next, fieldErrors: { password: `${user.message}. ${user.remedy}` } });
      return;
    }
    if (user === null) {
      this.show(request, response, 401, { username, next, fieldErrors: { password: 'Username or password is wrong' } });
      return;
    }
    await this.access.begin(response, user.userId);
    response.redirect(303, next);
  }

  @Post('sign-out')
  async signOut(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (actorOf(request)?.by === 'session') {
      if (isForged(request)) throw new HttpProblem(403, 'HW-HTTP-FORGED', 'This form was not sent from a page of yours that is still valid', 'Go back, reload the page and send it again');
      await this.access.end(request, response);
    }
    response.redirect(303, '/sign-in?out=1');
  }

  /** The user, null if username or password is wrong, or what to wait for. */
  private async check(username: string, password: string, address: string): Promise<SignedIn | null | CodedError> {
    try {
      return await signIn(this.stores.db, username, password, this.stores.clock.nowMs(), { address });
    } catch (error) {
      if (error instanceof CodedError && error.code === 'HW-SIGN-IN-WAIT') return error;
      throw error;
    }
  }

  private show(request: Request, response: Response, status: number, form: Form, notice?: string): void {
    const errors = Object.entries(form.fieldErrors).map(([field, words]) => ({ text: words, href: `#${field}` }));
    response.status(status).set('Cache-Control', 'no-store').type('html')
      .send(render('sign-in.njk', { ...frameOf(request, this.stores.clock.nowMs(), 'Sign in'), ...form, errors, notice }));
  }
}
