/** Expressions of Go's templates (pkg.go.dev/text/template): the part of them that topology files use. */

export class TemplateFault extends Error {}

/** What names mean where an expression stands. */
export interface Scope {
  /** `.` */
  readonly dot: unknown;
  /** `$` and `$name`. */
  readonly variables: ReadonlyMap<string, unknown>;
}

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|(-?\d+(?:\.\d+)?)|([()|])|(\$[A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*|(?:\.[A-Za-z0-9_]+)+|\.)|([A-Za-z_][A-Za-z0-9_.]*))/y;

type Token = { readonly kind: 'text' | 'number' | 'sign' | 'path' | 'word'; readonly text: string };

export function evaluate(source: string, scope: Scope): unknown {
  const tokens = tokensOf(source);
  const reader = { tokens, at: 0 };
  const value = pipeline(reader, scope);
  if (reader.at < tokens.length) throw new TemplateFault(`${source.trim()} can't be read`);
  return value;
}

/** Whether a value counts as true in `if`. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  const end = source.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(source);
    if (match === null) throw new TemplateFault(`${source.trim()} can't be read`);
    const kinds = ['text', 'number', 'sign', 'path', 'word'] as const;
    const index = kinds.findIndex((_, at) => match[at + 1] !== undefined);
    tokens.push({ kind: kinds[index] ?? 'word', text: match[index + 1] ?? '' });
  }
  return tokens;
}

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
}

/** `COMMAND | COMMAND`: the value of each is the last argument of the next. */
function pipeline(reader: Reader, scope: Scope): unknown {
  let value = command(reader, scope, []);
  while (reader.tokens[reader.at]?.text === '|' && reader.tokens[reader.at]?.kind === 'sign') {
    reader.at++;
    value = command(reader, scope, [value]);
  }
  return value;
}

function command(reader: Reader, scope: Scope, piped: readonly unknown[]): unknown {
  const first = reader.tokens[reader.at];
  if (first?.kind !== 'word' || isConstant(first.text)) {
    const value = operand(reader, scope);
    if (piped.length > 0) throw new TemplateFault('a value stands where a function is wanted');
    return value;
  }
  reader.at++;
  const values: unknown[] = [];
  for (let next = reader.tokens[reader.at]; next !== undefined && !isEnd(next); next = reader.tokens[reader.at]) {
    values.push(operand(reader, scope));
  }
  const made = FUNCTIONS[first.text];
  if (made === undefined) throw new TemplateFault(`the function ${first.text} is not known`);
  return made([...values, ...piped]);
}

const isEnd = ({ kind, text }: Token): boolean => kind === 'sign' && text !== '(';
const isConstant = (word: string): boolean => word === 'true' || word === 'false' || word === 'nil';

function operand(reader: Reader, scope: Scope): unknown {
  const token = reader.tokens[reader.at++];
  if (token === undefined) throw new TemplateFault('a value is missing');
  if (token.kind === 'text') return token.text.startsWith('`') ? token.text.slice(1, -1) : JSON.parse(token.text);
  if (token.kind === 'number') return Number(token.text);
  if (token.kind === 'path') return valueAt(token.text, scope);
  if (token.kind === 'word' && isConstant(token.text)) return token.text === 'nil' ? null : token.text === 'true';
  if (token.text !== '(') throw new TemplateFault(`${token.text} stands where a value is wanted`);
  const value = pipeline(reader, scope);
  if (reader.tokens[reader.at++]?.text !== ')') throw new TemplateFault('a ) is missing');
  return value;
}

function valueAt(path: string, { dot, variables }: Scope): unknown {
  const [head = '', ...rest] = path.split('.');
  if (head.startsWith('$') && !variables.has(head)) throw new TemplateFault(`the variable ${head} is not set`);
  const steps = rest.filter((step) => step !== '');
  return steps.reduce<unknown>((value, step) => field(value, step), head === '' ? dot : variables.get(head));
}

function field(value: unknown, key: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, String(key)) ? (value as Record<string, unknown>)[String(key)] : undefined;
}

const numbers = (values: readonly unknown[]): readonly number[] => values.map(Number);

/** Go's own functions, and those of gomplate that make numbers and lists. The last argument is the piped one. */
const FUNCTIONS: Readonly<Record<string, (values: readonly unknown[]) => unknown>> = {
  eq: ([first, ...others]) => others.some((other) => other === first),
  ne: ([a, b]) => a !== b,
  lt: ([a, b]) => Number(a) < Number(b),
  le: ([a, b]) => Number(a) <= Number(b),
  gt: ([a, b]) => Number(a) > Number(b),
  ge: ([a, b]) => Number(a) >= Number(b),
  and: (values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (values) => values.find(isTrue) ?? values.at(-1),
  not: ([value]) => !isTrue(value),
  len: ([value]) =>
    typeof value === 'object' && value !== null ? Object.keys(value).length : String(value ?? '').length,
  index: ([value, ...keys]) => keys.reduce(field, value),
  default: ([otherwise, value]) => (isTrue(value) ? value : otherwise),
  print: (values) => values.join(''),
  add: (values) => numbers(values).reduce((sum, value) => sum + value, 0),
  sub: ([a, b]) => Number(a) - Number(b),
  mul: (values) => numbers(values).reduce((product, value) => product * value, 1),
  seq: (values) => sequence(numbers(values)),
  'math.Add': (values) => numbers(values).reduce((sum, value) => sum + value, 0),
  'math.Sub': ([a, b]) => Number(a) - Number(b),
  'math.Mul': (values) => numbers(values).reduce((product, value) => product * value, 1),
  'math.Seq': (values) => sequence(numbers(values)),
};

/** The most numbers of one sequence: a lab has fewer nodes. */
const MOST = 100_000;

function sequence(values: readonly number[]): readonly number[] {
  const [first = 1, last = first] = values.length > 1 ? values : [1, values[0]];
  const step = values[2] ?? (last < first ? -1 : 1);
  const count = Math.floor((last - first) / step) + 1;
  if (!(count <= MOST)) throw new TemplateFault('a sequence is too long');
  return Array.from({ length: Math.max(0, count) }, (_, at) => first + at * step);
}
