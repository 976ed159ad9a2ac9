import { Injectable } from '@nestjs/common';
import type { CookieOptions, NextFunction, Request, Response } from 'express';
import { createSession, endSession, findSession, verifyApiToken } from '#libs/identity';
import { Stores } from '../stores.js';
import { csrfTokenOf } from './forgery.js';
import { actorOf, setActor, type Actor } from './who.js';

/** Knows who asks, by a token or by a session's cookie. */
@Injectable()
export class Access {
  constructor(private readonly stores: Stores) {}

  /** Finds out who asks, once a request. A stranger passes; guards refuse them where they must. */
  readonly identify = async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const actor = await this.actorFor(request); // Express passes a rejection on to the filter.
    if (actor !== undefined) {
      setActor(request, actor);
      response.set('Cache-Control', 'no-store');
    }
    next();
  };

  /** For requests that stay open: false once the token or the session has ended. */
  async stillAllowed(request: Request): Promise<boolean> {
    if (actorOf(request)?.who === 'bootstrap-token') return true; // A setting: it can't change while the service runs, and each look is audited.
    return (await this.actorFor(request)) !== undefined;
  }

  /** Begins a session for somebody whose password was right. */
  async begin(response: Response, userId: string): Promise<void> {
    const { secret, expiresMs } = await createSession(this.stores.db, { userId }, this.stores.clock.nowMs());
    response.cookie(this.cookieName, secret, { ...this.cookieOptions, expires: new Date(expiresMs) });
  }

  /** Ends the session of whoever asks, in the store and in the browser. */
  async end(request: Request, response: Response): Promise<void> {
    const actor = actorOf(request);
    if (actor?.by === 'session') await endSession(this.stores.db, actor.secret);
    response.clearCookie(this.cookieName, this.cookieOptions);
  }

  private async actorFor(request: Request): Promise<Actor | undefined> {
    const given = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.get('authorization') ?? '');
    if (given !== null) return this.byToken(request, given[1]!);
    const secret = cookieOf(request, this.cookieName);
    if (secret === undefined) return undefined;
    const session = await findSession(this.stores.db, secret, this.stores.clock.nowMs());
    if (session === null || session.user === null) return undefined;
    const { userId, username } = session.user;
    return { by: 'session', who: username, audited: `user/${username}`, userId, secret, csrfToken: csrfTokenOf(secret) };
  }

  private async byToken(request: Request, token: string): Promise<Actor | undefined> {
    const { db, settings, clock } = this.stores;
    const use = `${request.method} ${request.path}`;
    const holder = await verifyApiToken(db, token, { bootstrapToken: settings.bootstrapToken, use }, clock.nowMs());
    return holder === null ? undefined : { by: 'token', who: holder.who, audited: holder.who };
  }

  private get https(): boolean {
    return this.stores.settings.publicUrl?.startsWith('https://') ?? false;
  }

  private get cookieName(): string {
    return this.https ? '__Host-hearthwatch' : 'hearthwatch';
  }

  private get cookieOptions(): CookieOptions {
    return { httpOnly: true, sameSite: 'lax', secure: this.https, path: '/' };
  }
}

function cookieOf(request: Request, name: string): string | undefined {
  for (const part of (request.get('cookie') ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value !== undefined && /^[A-Za-z0-9_.-]{1,200}$/.test(value)) return value;
  }
  return undefined;
}
