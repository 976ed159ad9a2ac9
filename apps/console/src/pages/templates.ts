import nunjucks from 'nunjucks';
import { NHSUK_FOLDER, TEMPLATES_FOLDER } from '../files.js';
import { assetAddress } from '../http/assets.js';
import { ago, lasting, shortWhen, when } from './when.js';
import { ruleTitle } from './rule-words.js';
import { kindName, roomName, useName, valueText } from './words.js';

/** What a template's context always holds beside its own. */
interface PageContext { ctx: { nowMs: number } }

/** Everything is escaped unless a template says `safe`, which only markup made by our own macros and pictures may. */
function environment(): nunjucks.Environment {
  const loader = new nunjucks.FileSystemLoader([TEMPLATES_FOLDER, NHSUK_FOLDER], { noCache: false, watch: false });
  const env = new nunjucks.Environment(loader, { autoescape: true, throwOnUndefined: false, trimBlocks: true, lstripBlocks: true });
  env.addGlobal('asset', assetAddress);
  env.addFilter('when', (ms: number, timeZone: string) => when(ms, timeZone));
  env.addFilter('shortWhen', function shortWhenFilter(this: PageContext, ms: number, timeZone: string) {
    return shortWhen(ms, this.ctx.nowMs, timeZone);
  });
  env.addFilter('ago', function agoFilter(this: PageContext, ms: number) {
    return ago(ms, this.ctx.nowMs);
  });
  env.addFilter('lasting', lasting);
  env.addFilter('iso', (ms: number) => new Date(ms).toISOString());
  env.addFilter('kind', kindName);
  env.addFilter('room', roomName);
  env.addFilter('use', useName);
  env.addFilter('rule', ruleTitle);
  env.addFilter('reading', valueText);
  return env;
}

const templates = environment();

/** Renders a page; `nowMs` is what "3 minutes ago" is counted from. */
export function render(template: string, context: { nowMs: number } & Record<string, unknown>): string {
  return templates.render(template, context);
}
