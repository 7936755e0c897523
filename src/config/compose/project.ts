/** Joins the compose files of a run into one project. */
import type { Diagnostics } from '../diagnose.ts';
import { type Interpolation, interpolateSection, isMap, type Section } from '../extract.ts';
import { PROJECT_HINT, projectName } from '../lab.ts';
import { quote, shortened } from '../text/excerpt.ts';
import type { Lookup } from '../text/interpolate.ts';
import type { Source } from '../text/source.ts';
import type { Following } from './follow.ts';
import { Inclusions, withIncludes } from './include.ts';
import { type Duplicates, duplicatesIn, EMPTY, type Layer, onto, sectionsIn, withoutReset } from './layers.ts';

/** A document of a compose file that the user named, with the path of the file. */
export interface ComposeDocument {
  readonly source: Source;
  /** Absolute. */
  readonly path: string;
}

export interface ProjectParts {
  /** Every `x-network` section, in the order in which they count. */
  readonly sections: readonly Section[];
  /** The entries of sections that compose drops because an earlier section has the same. */
  readonly duplicates: Duplicates;
  /** Services that have profiles, none of which is active. They are not part of the project. */
  readonly inactive: ReadonlySet<string>;
  /** All services, active or not. */
  readonly services: ReadonlySet<string>;
}

/** Joins the documents, each on top of those before it. Faults are reported to `following.diagnostics`. */
export async function projectOf(
  documents: readonly ComposeDocument[],
  following: Following,
  profiles: readonly string[],
): Promise<ProjectParts> {
  const inclusions = new Inclusions();
  let layer: Layer = EMPTY;
  for (const { source, path } of documents) {
    const upper = await withIncludes(source, following, inclusions, [path]);
    layer = onto(withoutReset(layer, source.resets), upper);
  }
  const inactive = [...layer.services].filter(([, service]) => !isActive(service.profiles, profiles));
  return {
    sections: sectionsIn(layer),
    duplicates: duplicatesIn(layer),
    inactive: new Set(inactive.map(([name]) => name)),
    services: new Set(layer.services.keys()),
  };
}

function isActive(own: readonly string[], active: readonly string[]): boolean {
  return own.length === 0 || active.includes('*') || own.some((profile) => active.includes(profile));
}

/** The active profiles: those of the command line, else those of `COMPOSE_PROFILES`. */
export function profilesOf(asked: readonly string[], lookup: Lookup): readonly string[] {
  const named = asked.length > 0 ? asked : (lookup('COMPOSE_PROFILES') ?? '').split(',');
  return named.map((profile) => profile.trim()).filter((profile) => profile !== '');
}

/**
 * The project's name: `name:` of the last document that has one, with its variables filled in. Returns undefined, with a fault, if
 * that can't be a name. A name in which no allowed character is left is a fault only if the project has no other name.
 */
export function nameIn(
  documents: readonly ComposeDocument[],
  interpolation: Interpolation,
  isNamedElsewhere: boolean,
  diagnostics: Diagnostics,
): string | undefined {
  const names = documents.map(({ source }) => ({ source, value: isMap(source.value) ? source.value['name'] : null }));
  const last = names.findLast(({ value }) => value !== undefined && value !== null && value !== '');
  if (last === undefined) return undefined;
  const { source, value } = last;
  const path = ['name'];
  const fault = (message: string, hint: string): undefined => {
    diagnostics.add('project-name', message, { where: () => source.locate(path), hint });
  };
  if (typeof value !== 'string') {
    const written = source.written(path);
    const hint = written === undefined ? PROJECT_HINT : `put it in quotes: "${written}"`;
    return fault(
      `name must be the name of the project as text, not ${written ?? shortened(JSON.stringify(value))}`,
      hint,
    );
  }
  const { value: name } = interpolateSection({ source, path, value, service: null }, interpolation, diagnostics);
  if (typeof name !== 'string') return undefined;
  if (projectName(name) === '' && !isNamedElsewhere)
    return fault(`${quote(name)} is no name of a project`, PROJECT_HINT);
  return name;
}

/** The variables, and `COMPOSE_PROJECT_NAME` as compose sets it. */
export function withProjectName(lookup: Lookup, name: string): Lookup {
  return (variable) => (variable === 'COMPOSE_PROJECT_NAME' ? name : lookup(variable));
}
