/**
 * `mdc/` assembles a compose project from modes: folders that each add a compose file, an environment and files. It reads and
 * writes files and runs `docker compose`. It knows nothing of links or of command lines.
 *
 * This file computes which modes a request stands for, and their order. The same request always gives the same order: as mentioned,
 * dependencies first.
 */
import { LinkloomError } from '../errors.ts';

/** What a mode needs of other modes. */
export interface Dependencies {
  /** Each entry is met by any one of its modes. */
  readonly needs: readonly (readonly string[])[];
  /** Modes that come first if something else needs them. */
  readonly after: readonly string[];
}

export interface Mode extends Dependencies {
  readonly name: string;
  /** Its folder, from the working directory; '' if only a JSON graph names the mode. */
  readonly path: string;
}

export type Modes = ReadonlyMap<string, Mode>;

/** A mode that the request stands for, with the modes that were chosen for its needs. */
export interface Resolved {
  readonly name: string;
  readonly path: string;
  readonly deps: readonly string[];
}

/** By mode, the modes that were chosen for its needs. The request itself has the name ''. */
type Chosen = ReadonlyMap<string, readonly string[]>;
interface Need {
  readonly by: string;
  readonly options: readonly string[];
}
const REQUEST = '';

/**
 * The modes that `request` stands for, dependencies first. Of alternatives, those are taken that need the fewest modes in total; if
 * several do, the one mentioned first. Throws E_CONFIG for an unknown mode, or for a circle.
 */
export function resolve(modes: Modes, request: Dependencies): readonly Resolved[] {
  const chosen = choose(modes, request.needs.map(by(REQUEST)), new Map(), Number.POSITIVE_INFINITY);
  return chosen === null ? [] : ordered(modes, chosen);
}

const by = (name: string) => (options: readonly string[]) => ({ by: name, options });

/**
 * The smallest choice of modes that meets the needs `open` on top of `chosen` and has fewer than `limit` modes; null if there is
 * none.
 */
function choose(modes: Modes, open: readonly Need[], chosen: Chosen, limit: number): Chosen | null {
  if (chosen.size >= limit) return null;
  // Needs with one option go first: they may meet another need.
  const next = open.find(({ options }) => options.length === 1) ?? open[0];
  if (next === undefined) return chosen;
  const rest = open.filter((need) => need !== next);
  const known = candidates(modes, next);
  const taken = known.find(({ name }) => chosen.has(name));
  if (taken !== undefined) return choose(modes, rest, withEdge(chosen, next.by, taken.name), limit);
  let best: Chosen | null = null;
  for (const mode of known) {
    const more = new Map(withEdge(chosen, next.by, mode.name)).set(mode.name, []);
    const found = choose(modes, [...rest, ...mode.needs.map(by(mode.name))], more, best?.size ?? limit);
    best = found ?? best;
  }
  return best;
}

function candidates(modes: Modes, need: Need): readonly Mode[] {
  const known = need.options.flatMap((name) => modes.get(name) ?? []);
  if (known.length > 0) return known;
  const names = need.options.map((name) => `'${name}'`).join(' or ');
  const asked = need.by === REQUEST ? '' : `, which '${need.by}' needs`;
  throw new LinkloomError('E_CONFIG', `there is no mode ${names}${asked}`, {
    hint: `the modes are: ${[...modes.keys()].join(', ') || 'none'}`,
  });
}

function withEdge(chosen: Chosen, from: string, to: string): Chosen {
  return new Map(chosen).set(from, [...(chosen.get(from) ?? []), to]);
}

function ordered(modes: Modes, chosen: Chosen): readonly Resolved[] {
  const done = new Map<string, Resolved>();
  const visit = (name: string, trail: readonly string[]): void => {
    if (done.has(name)) return;
    if (trail.includes(name)) {
      const circle = [...trail.slice(trail.indexOf(name)), name].join(' → ');
      throw new LinkloomError('E_CONFIG', `the modes depend on each other in a circle: ${circle}`);
    }
    const mode = modes.get(name);
    const after = mode?.after.filter((other) => chosen.has(other)) ?? [];
    const deps = [...new Set([...(chosen.get(name) ?? []), ...after])];
    for (const other of deps) visit(other, [...trail, name]);
    if (mode !== undefined) done.set(name, { name, path: mode.path, deps });
  };
  for (const name of chosen.get(REQUEST) ?? []) visit(name, []);
  return [...done.values()];
}
