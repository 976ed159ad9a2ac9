import type { Client } from 'aedes';

/** One logged-in connection. */
export interface Session {
  client: Client;
  /** Never used by another connection, before or after a restart. */
  connection: number;
  username: string;
  home: string;
  /** `homes/<home>/`, or a device's part of it: what this login may publish below and subscribe to. */
  prefix: string;
  /** What the service puts in front of its topics; empty unless the login is mounted. */
  mount: string;
  /** QoS 2 packet ids between PUBLISH and PUBREL: who waits for the journal, or that it has the message. */
  exactlyOnce: Map<number, 'journalled' | ((error: Error | null) => void)[]>;
  /** Filter → QoS. */
  subscriptions: Map<string, number>;
  /** Sent to it and not yet taken. */
  undelivered: number;
  /** Its login was revoked while it was being looked up or since: nothing more is accepted. */
  revoked: boolean;
}

/** All sessions: of a connection, of a login, of a home. */
export class Sessions {
  private readonly byClient = new WeakMap<Client, Session>();
  private readonly byUsername = new Map<string, Set<Session>>();
  private readonly byHome = new Map<string, Set<Session>>();

  private count = 0;

  /** Connections that are logged in. */
  get size(): number {
    return this.count;
  }

  add(session: Session): void {
    this.count += 1;
    this.byClient.set(session.client, session);
    join(this.byUsername, session.username, session);
    join(this.byHome, session.home, session);
  }

  /** Its last will still finds its session by the client. */
  remove(session: Session): void {
    if (!this.ofUsername(session.username).has(session)) return;
    this.count -= 1;
    leave(this.byUsername, session.username, session);
    leave(this.byHome, session.home, session);
  }

  of(client: Client): Session | undefined {
    return this.byClient.get(client);
  }

  ofHome(home: string): Iterable<Session> {
    return this.byHome.get(home) ?? [];
  }

  /** The oldest first. */
  ofUsername(username: string): ReadonlySet<Session> {
    return this.byUsername.get(username) ?? NONE;
  }

  usernames(): string[] {
    return [...this.byUsername.keys()];
  }
}

const NONE: ReadonlySet<Session> = new Set();

function join(groups: Map<string, Set<Session>>, name: string, session: Session): void {
  const group = groups.get(name);
  if (group === undefined) groups.set(name, new Set([session]));
  else group.add(session);
}

function leave(groups: Map<string, Set<Session>>, name: string, session: Session): void {
  const group = groups.get(name);
  group?.delete(session);
  if (group?.size === 0) groups.delete(name);
}
