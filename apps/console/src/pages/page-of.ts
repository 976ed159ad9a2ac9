import type { Request } from 'express';
import { actorOf } from '../access/who.js';

export interface PageFrame {
  nowMs: number;
  title: string;
  section: string;
  user: { username: string; csrfToken: string } | undefined;
}

/** What the frame of every page needs. */
export function frameOf(request: Request, nowMs: number, title: string, section = ''): PageFrame {
  const actor = actorOf(request);
  return { nowMs, title, section, user: actor?.by === 'session' ? { username: actor.who, csrfToken: actor.csrfToken } : undefined };
}
