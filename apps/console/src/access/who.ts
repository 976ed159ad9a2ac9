import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** Who asks: a token of a program, or somebody who has signed in. `who` stands in histories, `audited` in the audit trail. */
export type Actor =
  | { by: 'token'; who: string; audited: string }
  | { by: 'session'; who: string; audited: string; userId: string; secret: string; csrfToken: string };

const actors = new WeakMap<Request, Actor>();

export function setActor(request: Request, actor: Actor): void {
  actors.set(request, actor);
}

/** Who asks, or undefined for a stranger. */
export function actorOf(request: Request): Actor | undefined {
  return actors.get(request);
}

/** The name of whoever asks, as it stands in histories. Only behind a guard. */
export const Who = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const actor = actorOf(context.switchToHttp().getRequest<Request>());
  if (actor === undefined) throw new Error('a route without a guard asked who');
  return actor.who;
});
