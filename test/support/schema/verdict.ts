/** What the loader says of a configuration, and what the JSON Schema of editors says of the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import type { DiagnosticCode } from '../../../src/diagnostics/table.ts';
import { check } from '../../unit/config/loading.ts';
import { ROOT } from '../bin.ts';

/** Compiles a schema of `schema/`. */
export function schemaOf(name: 'network' | 'compose' | 'timeline'): ValidateFunction {
  const schema = JSON.parse(readFileSync(join(ROOT, `schema/${name}.schema.json`), 'utf8')) as object;
  // Editors' own keywords (errorMessage, markdownDescription) are not ajv's.
  return new Ajv({ strict: false, allErrors: true, logger: false }).compile(schema);
}

/** Takes network files and compose files. */
const compose = schemaOf('compose');

export interface Verdicts {
  /** The codes of the loader's errors; none where it takes the file. */
  readonly loader: ReadonlySet<DiagnosticCode>;
  /** What the schema says, a line per fault; none where it takes the file. */
  readonly schema: readonly string[];
}

/** The verdicts about a text of YAML; null if it is none. */
export async function verdictsOf(text: string): Promise<Verdicts | null> {
  const value = valueIn(text);
  if (value === undefined) return null;
  const { diagnostics } = await check(text);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const schema = compose(value)
    ? []
    : (compose.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  return { loader: new Set(errors.map(({ code }) => code)), schema };
}

function valueIn(text: string): unknown {
  try {
    return parse(text, { merge: true, uniqueKeys: false, logLevel: 'error' });
  } catch {
    return undefined;
  }
}

/**
 * Faults that no schema can know, or only a part of them, with the reason. What has none of these codes among its errors is refused by the
 * schema, too.
 */
export const BEYOND_SCHEMA: Readonly<Partial<Record<DiagnosticCode, string>>> = {
  ...of('the text of a file, before there are values', [
    'key-twice',
    'yaml-alias-circle',
    'variable-malformed',
    'variable-required',
  ]),
  ...of('other files and services', [
    'file-unreadable',
    'import-refused',
    'include-without-file',
    'extends-without-service',
    'extends-unknown-service',
    'extends-circle',
    'project-name',
  ]),
  ...of('a language of its own inside a text', ['route-invalid', 'ethtool-invalid', 'netem-invalid', 'check-value']),
  ...of('another entry, which may also say what is missing here, or what the type is', [
    'missing-key',
    'keys-exclude',
    'key-without-meaning',
    'container-key',
  ]),
  ...of('what several entries have together', [
    'forward-address',
    'forward-bridge',
    'nat-address',
    'bridge-name',
    'wire-third-end',
    'device-clash',
    'tunnel-remote',
    'tunnel-bridge',
    'container-clash',
    'program-twice',
    'node-unknown',
    'host-unknown',
    'host-twice',
    'wait-impossible',
    'wait-circle',
    'node-is-service',
    'node-two-names',
    'wire-end-twice',
    'engine-device',
    'wire-bridge',
    'address-twice',
    'route-twice',
    'check-name-twice',
    'ipv6-mtu',
  ]),
  ...of('arithmetic: amounts, sums, the bits of a prefix', [
    'container-value',
    'impair-invalid',
    'pool-invalid',
    'pool-exhausted',
    'pools-overlap',
    'pool-address-taken',
  ]),
};

function of(reason: string, codes: readonly DiagnosticCode[]): Partial<Record<DiagnosticCode, string>> {
  return Object.fromEntries(codes.map((code) => [code, reason]));
}
