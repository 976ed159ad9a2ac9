import { isObject, numberOf } from '../plain-value.js';

/** What a template is worked out from: the payload as a text, and what it is as JSON. */
interface Scope {
  value: string;
  json: unknown;
}

/** A template that was understood; `undefined` says nothing: a field that is not in this message. */
export type Template = (scope: Scope) => unknown;

const CHARACTERS_MAX = 500;
const TOKENS_MAX = 120;
const DEPTH_MAX = 20;
const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|("[^"\\]*"|'[^'\\]*')|([A-Za-z_]\w*)|(==|!=|<=|>=|[-+*/<>|.()[\],]))/y;

/**
 * The subset of Jinja in which most discovery messages say where a value stands: one expression of `value` and
 * `value_json` with fields, filters (float, int, round, abs, lower, upper, trim, string, bool, default, is_defined), arithmetic, comparisons, `and`, `or`, `not`,
 * `is defined` and `… if … else …`. Nothing is run that was not written here; anything else throws an Error that names it.
 */
export function parseTemplate(text: string): Template {
  if (text.length > CHARACTERS_MAX) throw new Error(`longer than ${CHARACTERS_MAX} characters`);
  const match = /^\s*\{\{-?([^{}]*?)-?\}\}\s*$/.exec(text);
  if (match === null) throw new Error('not one expression in {{ }}');
  const parser = new Parser(tokensOf(match[1]!));
  const template = parser.expression();
  if (parser.peek() !== undefined) throw new Error(`${parser.peek()} is not understood here`);
  return template;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let end = 0; text.slice(end).trim() !== ''; end = TOKEN.lastIndex) {
    TOKEN.lastIndex = end;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`${JSON.stringify(text.slice(end).trim().slice(0, 20))} is not understood`);
    tokens.push(match[0].trim());
    if (tokens.length > TOKENS_MAX) throw new Error(`more than ${TOKENS_MAX} parts`);
  }
  return tokens;
}

/** By recursive descent; an operator binds as in Jinja, a filter tightest. */
class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly string[]) {}

  peek(): string | undefined {
    return this.tokens[this.at];
  }

  expression(): Template {
    if (++this.depth > DEPTH_MAX) throw new Error(`nested deeper than ${DEPTH_MAX}`);
    const then = this.either();
    if (this.took('if')) {
      const condition = this.either();
      const otherwise = this.took('else') ? this.expression() : (): undefined => undefined;
      this.depth--;
      return (scope) => (isTrue(condition(scope)) ? then(scope) : otherwise(scope));
    }
    this.depth--;
    return then;
  }

  private either(): Template {
    let left = this.both();
    while (this.took('or')) {
      const [first, second] = [left, this.both()];
      left = (scope) => (isTrue(first(scope)) ? first(scope) : second(scope));
    }
    return left;
  }

  private both(): Template {
    let left = this.negated();
    while (this.took('and')) {
      const [first, second] = [left, this.negated()];
      left = (scope) => (isTrue(first(scope)) ? second(scope) : first(scope));
    }
    return left;
  }

  private negated(): Template {
    if (!this.took('not')) return this.comparison();
    const inner = this.comparison();
    return (scope) => !isTrue(inner(scope));
  }

  private comparison(): Template {
    const left = this.sum();
    if (this.took('is')) {
      const turned = this.took('not');
      this.want('defined');
      return (scope) => (left(scope) !== undefined) !== turned;
    }
    const operator = this.peek();
    const compare = operator === undefined ? undefined : COMPARISONS[operator];
    if (compare === undefined) return left;
    this.at++;
    const right = this.sum();
    return (scope) => compare(left(scope), right(scope));
  }

  private sum(): Template {
    let left = this.product();
    for (let operator = this.peek(); operator === '+' || operator === '-'; operator = this.peek()) {
      this.at++;
      left = arithmetic(operator, left, this.product());
    }
    return left;
  }

  private product(): Template {
    let left = this.filtered();
    for (let operator = this.peek(); operator === '*' || operator === '/'; operator = this.peek()) {
      this.at++;
      left = arithmetic(operator, left, this.filtered());
    }
    return left;
  }

  private filtered(): Template {
    if (this.took('-')) return arithmetic('-', () => 0, this.filtered());
    let inner = this.primary();
    while (this.took('|')) {
      const name = this.tokens[this.at++] ?? 'nothing';
      const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name]! : undefined;
      if (filter === undefined) throw new Error(`the filter ${name} is not understood`);
      const [given, argument] = [inner, this.argument()];
      inner = (scope) => filter(given(scope), argument?.(scope));
    }
    return inner;
  }

  /** The one argument of a filter, if it has one. */
  private argument(): Template | undefined {
    if (!this.took('(')) return undefined;
    if (this.took(')')) return undefined;
    const argument = this.expression();
    this.want(')');
    return argument;
  }

  private primary(): Template {
    const token = this.tokens[this.at++];
    if (token === '(') {
      const inner = this.expression();
      this.want(')');
      return inner;
    }
    if (token === 'value') return ({ value }) => value;
    if (token === 'value_json') return this.fields();
    if (token !== undefined && Object.hasOwn(CONSTANTS, token)) return () => CONSTANTS[token];
    if (token !== undefined && /^\d/.test(token)) return () => Number(token);
    if (token !== undefined && /^["']/.test(token)) return () => token.slice(1, -1);
    throw new Error(`${token ?? 'nothing'} is not understood here`);
  }

  private fields(): Template {
    const path: (string | number)[] = [];
    for (;;) {
      if (this.took('.')) path.push(this.name());
      else if (this.took('[')) {
        const key = this.tokens[this.at++] ?? '';
        if (!/^["'\d]/.test(key)) throw new Error(`[${key}] is not understood`);
        path.push(/^\d/.test(key) ? Number(key) : key.slice(1, -1));
        this.want(']');
      } else break;
    }
    return ({ json }) => path.reduce(fieldOf, json);
  }

  private name(): string {
    const name = this.tokens[this.at++];
    if (name === undefined || !/^[A-Za-z_]/.test(name)) throw new Error(`.${name ?? ''} is not understood`);
    if (this.peek() === '(') throw new Error(`.${name}( ) is not understood`);
    return name;
  }

  private took(token: string): boolean {
    if (this.peek() !== token) return false;
    this.at++;
    return true;
  }

  private want(token: string): void {
    if (!this.took(token)) throw new Error(`${this.peek() ?? 'the end'} stands where ${token} was expected`);
  }
}

const CONSTANTS: Record<string, unknown> = { true: true, True: true, false: false, False: false, none: null, None: null };

const COMPARISONS: Record<string, (left: unknown, right: unknown) => unknown> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': ordered((left, right) => left < right),
  '>': ordered((left, right) => left > right),
  '<=': ordered((left, right) => left <= right),
  '>=': ordered((left, right) => left >= right),
};

const FILTERS: Record<string, (value: unknown, argument: unknown) => unknown> = {
  float: (value, otherwise) => numberOf(value) ?? otherwise,
  int: (value, otherwise) => (numberOf(value) === undefined ? otherwise : Math.trunc(numberOf(value)!)),
  round: (value, digits) => {
    const factor = 10 ** (typeof digits === 'number' ? Math.min(9, Math.max(0, digits)) : 0);
    return typeof value === 'number' ? Math.round(value * factor) / factor : undefined;
  },
  abs: (value) => (typeof value === 'number' ? Math.abs(value) : undefined),
  lower: (value) => (value === undefined ? undefined : asText(value).toLowerCase()),
  upper: (value) => (value === undefined ? undefined : asText(value).toUpperCase()),
  trim: (value) => (value === undefined ? undefined : asText(value).trim()),
  string: (value) => (value === undefined ? undefined : asText(value)),
  bool: (value) => (value === undefined ? undefined : ['true', 'yes', 'on', '1', 'enable'].includes(asText(value).toLowerCase())),
  default: (value, otherwise) => value ?? otherwise,
  is_defined: (value) => value,
};

/** A value as Jinja writes it: `True`, `None`, `21.5`. */
export function asText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function ordered(compare: (left: number, right: number) => boolean) {
  return (left: unknown, right: unknown): unknown => (typeof left === 'number' && typeof right === 'number' ? compare(left, right) : undefined);
}

function arithmetic(operator: '+' | '-' | '*' | '/', left: Template, right: Template): Template {
  return (scope) => {
    const [first, second] = [left(scope), right(scope)];
    if (typeof first !== 'number' || typeof second !== 'number') return undefined;
    if (operator === '+') return first + second;
    if (operator === '-') return first - second;
    return operator === '*' ? first * second : first / second;
  };
}

function fieldOf(body: unknown, key: string | number): unknown {
  if (Array.isArray(body)) return typeof key === 'number' ? (body[key] as unknown) : undefined;
  return isObject(body) && Object.hasOwn(body, key) ? body[key] : undefined;
}

function isTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}
