// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such texts
/** Finds the parts of a file that describe links: the whole file, or the `x-network` of a compose file and of its services. */
import { commandLine } from '../verb-names.ts';
import type { Origin } from './config.ts';
import { type Diagnostics, didYouMean } from './diagnose.ts';
import { quote } from './text/excerpt.ts';
import { interpolate, type Lookup } from './text/interpolate.ts';
import type { Path } from './text/parsed.ts';
import type { Source } from './text/source.ts';

/** One `x-network`, or a whole network file. */
export interface Section extends Origin {
  readonly value: unknown;
  /** The service under which the section is written. Its links and commands are for that service unless they name a node. */
  readonly service: string | null;
}

/** A file of kind `shown` is what `--show-config` prints. */
export type Kind = 'compose' | 'network' | 'shown';

export const NETWORK_KEYS = [
  'links',
  'bridges',
  'tunnels',
  'commands',
  'checks',
  'lab',
  'nodes',
  'wires',
  'defaults',
  'groups',
  'addressing',
  'hosts',
];
export const COMPOSE_KEYS = [
  'services',
  'x-network',
  'networks',
  'volumes',
  'configs',
  'secrets',
  'include',
  'name',
  'version',
];

/** Finds the kind of a file by its top-level keys. Returns null, with a fault, if they are of no kind or of both. */
export function kindOf(source: Source, diagnostics: Diagnostics): 'compose' | 'network' | null {
  const top = source.value;
  if (!isMap(top)) {
    const message =
      top === null || top === undefined ? `${source.file} is empty` : `${source.file} holds no map of keys at its top`;
    diagnostics.add('file-empty', message, { where: () => source.locate([]), hint: WANTED });
    return null;
  }
  // A key with the tag `!reset` is not in the value.
  const keys = new Set([...Object.keys(top), ...source.resets.map(([key]) => key)]);
  const network = NETWORK_KEYS.filter((key) => keys.has(key));
  const compose = COMPOSE_KEYS.filter((key) => keys.has(key));
  const first = network[0];
  if (first !== undefined && (keys.has('services') || keys.has('x-network'))) {
    diagnostics.add('network-key-in-compose', `${first} at the top of a compose file`, {
      where: () => source.locate([first], 'key'),
      hint: 'move it under x-network:',
    });
    return null;
  }
  if (first !== undefined) return 'network';
  if (compose.length > 0 || Object.keys(top).some((key) => key.startsWith('x-'))) return 'compose';
  const key = Object.keys(top)[0];
  const near = key === undefined ? undefined : didYouMean(key, [...NETWORK_KEYS, ...COMPOSE_KEYS]);
  diagnostics.add('file-kind-unclear', `${source.file} is neither a network file nor a compose file`, {
    where: () => source.locate(key === undefined ? [] : [key], 'key'),
    hint: near ?? WANTED,
  });
  return null;
}

const WANTED = 'a network file has links:, nodes: or wires: at its top, a compose file services: or x-network:';

/** The sections of a file, in the order in which they count, as conlink reads them. */
export function sectionsOf(source: Source, kind: 'compose' | 'network', diagnostics: Diagnostics): readonly Section[] {
  if (kind === 'network') return [{ source, path: [], value: source.value ?? {}, service: null }];
  const top = source.value;
  if (!isMap(top)) return [];
  warnOfElsewhere(source, top, diagnostics);
  const sections: Section[] = [];
  const add = (holder: Record<string, unknown>, path: Path, service: string | null) => {
    if (Object.hasOwn(holder, 'x-network') && holder['x-network'] !== null) {
      sections.push({ source, path: [...path, 'x-network'], value: holder['x-network'], service });
    }
  };
  add(top, [], null);
  if (isMap(top['services'])) {
    for (const [name, service] of Object.entries(top['services'])) {
      if (isMap(service)) add(service, ['services', name], name);
    }
  }
  return sections;
}

/**
 * Warns about `include` and `extends`. Without a verb, as conlink is called, they are not followed, though compose follows them.
 */
function warnOfElsewhere(source: Source, top: Record<string, unknown>, diagnostics: Diagnostics): void {
  if (Object.hasOwn(top, 'include')) {
    diagnostics.add(
      'include-not-followed',
      'include: is not followed, so an x-network in the included files is not seen',
      {
        where: () => source.locate(['include'], 'key'),
        hint: `name those files too, each with -f; with a verb, as in ${commandLine('up')}, they are followed`,
      },
    );
  }
  if (!isMap(top['services'])) return;
  for (const [name, service] of Object.entries(top['services'])) {
    if (!isMap(service) || !Object.hasOwn(service, 'extends')) continue;
    const extended = service['extends'];
    const file = isMap(extended) ? extended['file'] : undefined;
    const base = isMap(extended) ? extended['service'] : extended;
    const baseService = typeof base === 'string' ? top['services'][base] : undefined;
    if (file === undefined && !(isMap(baseService) && Object.hasOwn(baseService, 'x-network'))) continue;
    diagnostics.add(
      'extends-not-followed',
      `extends: of service ${name} is not followed, so the x-network there does not count here`,
      {
        where: () => source.locate(['services', name, 'extends'], 'key'),
        hint: `repeat the links under this service; with a verb, as in ${commandLine('up')}, it is followed`,
      },
    );
  }
}

/** How variables are filled in. All of it but `lookup` is shared by all files of a run. */
export interface Interpolation {
  readonly lookup: Lookup;
  /** Whether a `${…}` that is no variable is a fault, as for compose, or stays as it is, as for conlink. */
  readonly isStrict: boolean;
  /** Variables already warned about. */
  readonly warned: Set<string>;
  /** How many UTF-16 units variables may still add. */
  readonly budget: { left: number };
}

/** The most text that variables may add, over all files. */
const MAX_INTERPOLATED = 64 * 2 ** 20;

export function newInterpolation(lookup: Lookup): Interpolation {
  return { lookup, isStrict: false, warned: new Set(), budget: { left: MAX_INTERPOLATED } };
}

/** Interpolates every string value (but no keys) of a section, in place. A value that can't be filled in becomes undefined. */
export function interpolateSection(section: Section, shared: Interpolation, diagnostics: Diagnostics): Section {
  if (!section.source.mayInterpolate) return section;
  return { ...section, value: interpolated(section.value, section, [...section.path], shared, diagnostics) };
}

function interpolated(
  value: unknown,
  origin: Origin,
  path: (string | number)[],
  shared: Interpolation,
  diagnostics: Diagnostics,
): unknown {
  if (typeof value === 'string') return textOf(value, origin, path, shared, diagnostics);
  if (typeof value !== 'object' || value === null) return value;
  const holder = value as Record<string | number, unknown>;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    path.push(key);
    const before = holder[key];
    const after = interpolated(before, origin, path, shared, diagnostics);
    if (after !== before) holder[key] = after;
    path.pop();
  }
  return value;
}

/** The interpolated text; undefined, with an error, if it can't be filled in. */
function textOf(
  value: string,
  origin: Origin,
  path: Path,
  shared: Interpolation,
  diagnostics: Diagnostics,
): string | undefined {
  if (!value.includes('$')) return value;
  const { text, unset, missing, malformed } = interpolate(value, shared.lookup);
  if (malformed !== null && shared.isStrict) {
    diagnostics.add('variable-malformed', `${quote(malformed)} is no variable`, {
      where: () => origin.source.locate(path),
      hint: 'write ${NAME} or ${NAME:-default}; a plain $ is written $$',
    });
    return undefined;
  }
  for (const name of unset) {
    if (shared.warned.has(name)) continue;
    shared.warned.add(name);
    diagnostics.add('variable-unset', `the variable ${name} is not set and becomes empty`, {
      where: () => origin.source.locate(path),
      hint: `give it a value, or write \${${name}:-default}; a plain $ is written $$`,
    });
  }
  for (const { name, message } of missing) {
    const why = message === '' ? 'is needed and not set' : `is needed: ${message}`;
    diagnostics.add('variable-required', `the variable ${name} ${why}`, { where: () => origin.source.locate(path) });
  }
  if (missing.length > 0) return undefined;
  shared.budget.left -= Math.max(0, text.length - value.length);
  if (shared.budget.left >= 0) return text;
  if (!shared.warned.has('')) {
    shared.warned.add('');
    diagnostics.add('variables-too-large', `variables bring in more than ${MAX_INTERPOLATED / 2 ** 20} MiB of text`, {
      where: () => origin.source.locate(path),
    });
  }
  return undefined;
}

/** Whether a value is a map of keys, as YAML and JSON have them. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
