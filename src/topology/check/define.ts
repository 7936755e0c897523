/** Entries of `checks:` → CheckSpecs. */
import { kindOf, listOf } from '../../config/checks/resolve.ts';
import type { CheckConfig } from '../../config/checks/schema.ts';
import { type CheckTarget, readTarget } from '../../config/checks/target.ts';
import { hostOfUrl } from '../../config/checks/url.ts';
import { type Config, type Entry, placeOf } from '../../config/config.ts';
import { readDuration } from '../../config/nodes/values.ts';
import type { CheckSpec, HttpTry, Wanted } from './spec.ts';

/** What `ping` of iputils sends. */
const DATA_BYTES = 56;
const WITHIN_MS = 3000;
/** What is not reached must not be for so long: a moment without an answer is no proof. */
const UNREACHED_FOR_MS = 2000;
const TIMEOUT_MS = { ping: 1000, tcp: 3000, http: 10_000, run: 10_000 } as const;
/** RFC 9110. */
const PORT = { http: 80, https: 443 } as const;

/** The checks without faults, in the order of the files. */
export function defineChecks({ checks }: Pick<Config, 'checks'>): readonly CheckSpec[] {
  const names = new Set(checks.flatMap(({ value }) => value.name ?? []));
  return checks.flatMap((entry) => {
    if (entry.faulty.length > 0) return [];
    const check = defined(entry);
    if (entry.value.name !== undefined) return [check];
    const name = unused(check.name, names);
    names.add(name);
    return [{ ...check, name }];
  });
}

function unused(name: string, names: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name} (${count})`;
    if (!names.has(candidate)) return candidate;
  }
}

function defined(entry: Entry<CheckConfig>): CheckSpec {
  const { value } = entry;
  const what = tried(value);
  const isReachable = value.reachable !== false;
  const url = value.http === undefined ? null : hostOfUrl(value.http);
  const to = value.to === undefined && url !== null ? [url] : listOf(value.to);
  return {
    name: value.name ?? textOf(value, to),
    from: listOf(value.from),
    to: to.flatMap(targetOf),
    try: what,
    family: value.family ?? null,
    isReachable,
    withinMs: millisecondsOf(value.within) ?? WITHIN_MS,
    forMs: millisecondsOf(value.for) ?? (isReachable ? 0 : UNREACHED_FOR_MS),
    timeoutMs: millisecondsOf(value.timeout) ?? TIMEOUT_MS[what.kind],
    where: placeOf(entry),
  };
}

/** What is wrong was reported by the configuration's own checks. */
function targetOf(text: string): readonly CheckTarget[] {
  const target = readTarget(text);
  return 'message' in target ? [] : [target];
}

function millisecondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const read = readDuration(text);
  return 'value' in read ? read.value : undefined;
}

function tried(check: CheckConfig): CheckSpec['try'] {
  switch (kindOf(check)) {
    case 'tcp':
      return { kind: 'tcp', port: check.tcp ?? 0 };
    case 'http':
      return httpOf(check);
    case 'run': {
      const { run = '' } = check;
      const argv = typeof run === 'string' ? ['sh', '-c', run] : run;
      return { kind: 'run', argv, status: check.status ?? 0, output: wantedOf(check) };
    }
    case 'ping': {
      const ping = typeof check.ping === 'object' ? check.ping : {};
      const { count = 1, size = DATA_BYTES, 'dont-fragment': dontFragment = false } = ping;
      return { kind: 'ping', count, dataBytes: size, dontFragment };
    }
  }
}

function httpOf(check: CheckConfig): HttpTry {
  const { http = '/' } = check;
  const url = new URL(http, 'http://any');
  const isSecure = url.protocol === 'https:';
  return {
    kind: 'http',
    isSecure,
    port: url.port === '' ? PORT[isSecure ? 'https' : 'http'] : Number(url.port),
    path: `${url.pathname}${url.search}`,
    host: hostOfUrl(http) === null ? null : url.host,
    status: check.status ?? null,
    body: wantedOf(check),
  };
}

function wantedOf(check: CheckConfig): Wanted {
  return { contains: check.contains ?? null, lacks: check.lacks ?? null, matches: check.matches ?? null };
}

/** What a check without a name is called. */
function textOf(check: CheckConfig, to: readonly string[]): string {
  const from = listOf(check.from).join(',');
  const kind = kindOf(check);
  if (kind === 'run') return `${from}: ${typeof check.run === 'string' ? check.run : (check.run ?? []).join(' ')}`;
  const what = kind === 'tcp' ? `tcp ${check.tcp}` : kind === 'http' ? `http ${check.http}` : 'ping';
  const family = check.family === 6 ? ' by IPv6' : '';
  return `${what} from ${from} to ${to.join(',')}${family}${check.reachable === false ? ' is not reached' : ''}`;
}
