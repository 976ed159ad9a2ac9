import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { mergeMap, type Observable } from 'rxjs';
import { recordAudit } from '#libs/identity';
import { Stores } from '../stores.js';
import { actorOf } from './who.js';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Every change that somebody made stands in the audit trail. The bootstrap token's uses stand there already, each of them. */
@Injectable()
export class AuditTrail implements NestInterceptor {
  constructor(private readonly stores: Stores) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    const actor = actorOf(request);
    if (actor === undefined || actor.who === 'bootstrap-token' || READS.has(request.method)) return next.handle();
    const route = (request.route as { path?: unknown } | undefined)?.path;
    const { home, id } = request.params as { home?: string; id?: string };
    return next.handle().pipe(mergeMap(async (answer: unknown) => {
      await recordAudit(this.stores.db, { who: actor.audited, what: `${request.method} ${typeof route === 'string' ? route : request.path}`, subject: id ?? home ?? null }, this.stores.clock.nowMs());
      return answer;
    }));
  }
}
