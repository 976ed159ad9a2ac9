import { InvalidArgumentError } from 'commander';
import { CodedError } from '#libs/runtime';

/** Commander parsers: a wrong value is answered with what is accepted. */

export function speedOption(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const factor = Number(text);
  if (!Number.isFinite(factor) || factor <= 0) throw new InvalidArgumentError('Accepted: max, or how many times as fast as it happened, such as 60.');
  return factor;
}

export function urlOption(...schemes: string[]): (text: string) => string {
  return (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !schemes.includes(url.protocol) || url.hostname === '') {
      throw new InvalidArgumentError(`Accepted: an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}.`);
    }
    return text.replace(/\/+$/, '');
  };
}

/** The administrator's token for automation, from the environment so that no process list shows it. */
export function bootstrapToken(env: Record<string, string | undefined>): string {
  const token = env['HEARTHWATCH_BOOTSTRAP_TOKEN'];
  if (token === undefined || token === '') {
    throw new CodedError('HW-SIM-TOKEN', 'HEARTHWATCH_BOOTSTRAP_TOKEN is not set', 'Set it to the token that the service was started with');
  }
  return token;
}
