/** Follows `include`: reads the files of other projects, each with its own folder and variables. */
import { dirname, resolve } from 'node:path';
import type { Span } from '../../errors.ts';
import { interpolateSection, isMap } from '../extract.ts';
import { quote } from '../text/excerpt.ts';
import type { Lookup } from '../text/interpolate.ts';
import type { Source } from '../text/source.ts';
import { type Following, layerOf } from './follow.ts';
import { EMPTY, type Layer, onto, withoutReset } from './layers.ts';
import { dotEnvOf, withEnvFiles } from './variables.ts';

/** The most levels of inclusion. More are a mistake. */
const MAX_DEPTH = 50;
/** The most inclusions in one run. */
const MAX_INCLUDES = 2000;
/** Names that compose fetches over the network, by git or from an OCI registry. */
const REMOTE = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/|oci:)/i;

/** Remembers the inclusions of a run. */
export class Inclusions {
  /** The layers by files, folder and variables. A file that is reached in several ways is read once. */
  readonly known = new Map<string, Layer>();
  count = 0;
  readonly #ids = new Map<Lookup, number>();

  /** A number for each set of variables. */
  idOf(lookup: Lookup): number {
    const id = this.#ids.get(lookup) ?? this.#ids.size;
    this.#ids.set(lookup, id);
    return id;
  }
}

interface Inclusion {
  /** Absolute paths. The first is the main file; the others override it. */
  readonly paths: readonly string[];
  /** Absolute. */
  readonly folder: string;
  readonly envFiles: readonly string[] | null;
}

/** The layer of a document with everything that it includes. `trail` has the files that lead to it. */
export async function withIncludes(
  source: Source,
  following: Following,
  inclusions: Inclusions,
  trail: readonly string[],
): Promise<Layer> {
  let included = EMPTY;
  for (const [index, item] of itemsOf(source, following).entries()) {
    const where = (): Span => source.locate(['include', index]);
    const inclusion = inclusionOf(item, following, where);
    if (inclusion === null) continue;
    const layer = await layerOfInclusion(inclusion, where, following, inclusions, trail);
    // If several inclusions describe one service, the earlier one counts more. What both say is kept once.
    included = onto(layer, included);
  }
  return layerOf(source, included, following);
}

function itemsOf(source: Source, { interpolation, diagnostics }: Following): readonly unknown[] {
  const written = isMap(source.value) ? source.value['include'] : undefined;
  if (written === undefined || written === null) return [];
  const section = { source, path: ['include'], value: written, service: null };
  const { value } = interpolateSection(section, interpolation, diagnostics);
  if (Array.isArray(value)) return value;
  diagnostics.add('compose-value-type', `include must be a list, not ${quote(value)}`, {
    where: () => source.locate(['include']),
  });
  return [];
}

function inclusionOf(item: unknown, { folder, diagnostics }: Following, where: () => Span): Inclusion | null {
  const { path, project_directory: directory, env_file: envFile } = isMap(item) ? item : { path: item };
  const paths = textsOf(path);
  const [main] = paths;
  if (main === undefined) {
    const hint = 'write the name of a file, or a map with path:';
    diagnostics.add('include-without-file', `include names no file: ${quote(item)}`, { where, hint });
    return null;
  }
  const remote = paths.find((name) => REMOTE.test(name));
  if (remote !== undefined) {
    const message = `include of ${quote(remote)} is not followed, so an x-network there is not seen`;
    diagnostics.add('include-remote', message, {
      where,
      hint: 'linkloom fetches nothing: include a file of this machine',
    });
    return null;
  }
  const files = envFile === undefined || envFile === null ? null : textsOf(envFile);
  return {
    paths: paths.map((name) => resolve(folder, name)),
    folder: typeof directory === 'string' ? resolve(folder, directory) : dirname(resolve(folder, main)),
    envFiles: files === null ? null : files.filter((name) => name !== '/dev/null').map((name) => resolve(folder, name)),
  };
}

function textsOf(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === 'string' && item !== '');
}

async function layerOfInclusion(
  inclusion: Inclusion,
  where: () => Span,
  following: Following,
  inclusions: Inclusions,
  trail: readonly string[],
): Promise<Layer> {
  const { diagnostics } = following;
  const circle = inclusion.paths.find((path) => trail.includes(path));
  if (circle !== undefined || trail.length > MAX_DEPTH) {
    const message =
      circle === undefined ? `files include each other more than ${MAX_DEPTH} deep` : `${circle} includes itself`;
    diagnostics.add(circle === undefined ? 'include-too-many' : 'include-circle', message, { where });
    return EMPTY;
  }
  const outer = following.interpolation.lookup;
  const key = JSON.stringify([inclusion, inclusions.idOf(outer)]);
  const known = inclusions.known.get(key);
  if (known !== undefined) return known;
  inclusions.count += 1;
  if (inclusions.count > MAX_INCLUDES) {
    if (inclusions.count > MAX_INCLUDES + 1) return EMPTY;
    diagnostics.add('include-too-many', `files include more than ${MAX_INCLUDES} others`, { where });
    return EMPTY;
  }
  const { envFiles, folder } = inclusion;
  const files = envFiles === null ? dotEnvOf(folder) : { paths: envFiles, isNamed: true, where };
  const lookup = await withEnvFiles(outer, files, following.reader, diagnostics);
  const inside = { ...following, folder, interpolation: { ...following.interpolation, lookup } };
  let layer = EMPTY;
  for (const path of inclusion.paths) {
    for (const source of await following.reader.documents(following.reader.refOf(path), where)) {
      const upper = await withIncludes(source, inside, inclusions, [...trail, path]);
      layer = onto(withoutReset(layer, source.resets), upper);
    }
  }
  inclusions.known.set(key, layer);
  return layer;
}
