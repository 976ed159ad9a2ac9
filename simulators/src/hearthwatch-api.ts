import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '#libs/runtime';
import type { HomePlan } from './home-plan.js';

/** A hub's MQTT login, as the service made it. */
export interface HubLogin {
  home: string;
  username: string;
  password: string;
}

export interface HearthwatchApiOptions {
  /** Such as http://127.0.0.1:3000 */
  url: string;
  /** An administrator's API token. */
  token: string;
  fetch?: typeof fetch;
  /** How long one request may take, ms. */
  timeoutMs?: number;
}

const REQUEST_TIMEOUT_MS = 30_000;
const TRIES_MAX = 6;
const RETRY_MAX_MS = 10_000;
const BUSY = new Set([429, 502, 503, 504]);

/**
 * The service's public HTTP interface, as a program outside the service uses it. Registering the
 * same thing twice is harmless. A busy service (429, 502 to 504) is asked again with growing pauses.
 *
 * Errors: HW-API-UNREACHABLE nothing answers; HW-API-REFUSED the token is not accepted;
 * HW-API-ANSWER anything else, with the service's own code and words.
 */
export class HearthwatchApi {
  private readonly fetch: typeof fetch;

  constructor(private readonly options: HearthwatchApiOptions) {
    this.fetch = options.fetch ?? fetch;
  }

  /**
   * Registers the home, its residents and its devices, and its contacts if the home is new
   * (a contact has no identity by which a second one could be recognised).
   */
  async registerHome(plan: HomePlan): Promise<void> {
    const home = await this.request('POST', '/homes', { id: plan.id, timeZone: plan.timeZone, ...plan.details });
    const below = `/homes/${encodeURIComponent(plan.id)}`;
    for (const resident of plan.residents) await this.request('POST', `${below}/residents`, resident);
    for (const device of plan.devices) await this.request('POST', `${below}/devices`, device);
    if (home.status !== 201) return;
    for (const contact of plan.contacts) await this.request('POST', `${below}/contacts`, contact);
  }

  /** A new login for the home's hub. */
  async createLogin(home: string): Promise<HubLogin> {
    const { body } = await this.request('POST', `/homes/${encodeURIComponent(home)}/credentials`, {});
    const { username, password } = (body ?? {}) as { username?: unknown; password?: unknown };
    if (typeof username !== 'string' || typeof password !== 'string') {
      throw new CodedError('HW-API-ANSWER', 'The answer to a new login holds no username and password', 'Check that --api is the address of a Hearthwatch service');
    }
    return { home, username, password };
  }

  /** The login is refused from now on. */
  async revokeLogin(login: HubLogin): Promise<void> {
    await this.request('DELETE', `/homes/${encodeURIComponent(login.home)}/credentials/${encodeURIComponent(login.username)}`);
  }

  /** Any other GET below /api/v1. */
  async get(path: string): Promise<unknown> {
    return (await this.request('GET', path)).body;
  }

  private async request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.send(method, path, body);
      if (response.ok) return { status: response.status, body: await bodyOf(response) };
      if (!BUSY.has(response.status) || attempt === TRIES_MAX) throw await refusal(response, method, path);
      await response.body?.cancel();
      await sleep(pauseMs(response, attempt));
    }
  }

  private async send(method: string, path: string, body: unknown): Promise<Response> {
    const url = `${this.options.url.replace(/\/+$/, '')}/api/v1${path}`;
    try {
      return await this.fetch(url, {
        method,
        headers: { authorization: `Bearer ${this.options.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(this.options.timeoutMs ?? REQUEST_TIMEOUT_MS),
      });
    } catch (error) {
      throw new CodedError('HW-API-UNREACHABLE', `Nothing answers at ${this.options.url}`, 'Start the service (npm start) or give its address with --api', { cause: error });
    }
  }
}

function pauseMs(response: Response, attempt: number): number {
  const asked = Number(response.headers.get('retry-after'));
  const ms = Number.isFinite(asked) && asked > 0 ? asked * 1_000 : 200 * 2 ** attempt;
  return Math.min(ms, RETRY_MAX_MS);
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CodedError('HW-API-ANSWER', `The service answered ${response.status} with something that is not JSON`, 'Check that --api is the address of a Hearthwatch service', { cause: error });
  }
}

async function refusal(response: Response, method: string, path: string): Promise<CodedError> {
  if (response.status === 401 || response.status === 403) {
    return new CodedError('HW-API-REFUSED', `The service refused the token (${response.status})`, 'Set HEARTHWATCH_BOOTSTRAP_TOKEN to the value that the service was started with');
  }
  const problem = await bodyOf(response).catch(() => undefined) as { code?: string; detail?: string; title?: string } | undefined;
  const words = [problem?.code, problem?.detail ?? problem?.title].filter((part) => part !== undefined).join(' ');
  return new CodedError('HW-API-ANSWER', `${method} ${path} was answered ${response.status} ${words}`.trimEnd(), 'See docs/errors.md for the code');
}
