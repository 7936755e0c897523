/**
 * `mdc/` assembles a compose project out of modes: folders that each add a compose file, an environment and files.
 * It reads and writes files and runs `docker compose`; it knows nothing of links, and nothing of command lines.
 *
 * This file is the arithmetic: which modes a request stands for, and in which order. The same request always
 * gives the same order: as mentioned, dependencies first.
 */
import { LinkloomError } from '../errors.ts';

/** What a mode asks of others. */
export interface Dependencies {
  /** Each entry is settled by any one of its modes. */
  readonly needs: readonly (readonly string[])[];
  /** Modes that come first if something else brings them in. */
  readonly after: readonly string[];
}

export interface Mode extends Dependencies {
  readonly name: string;
  /** Its folder as reached from the working directory; '' if a JSON graph alone names it. */
  readonly path: string;
}

export type Modes = ReadonlyMap<string, Mode>;

/** A mode of the answer, with the modes that it was decided to depend on. */
export interface Resolved {
  readonly name: string;
  readonly path: string;
  readonly deps: readonly string[];
}

/** Mode → the modes that settle its needs. The request itself is the mode of no name. */
type Settled = ReadonlyMap<string, readonly string[]>;
interface Need {
  readonly by: string;
  readonly options: readonly string[];
}
const REQUEST = '';

/**
 * The modes that `request` stands for, dependencies first. Of alternatives those are taken that need the fewest modes
 * in all, the first mentioned where several do. Throws E_CONFIG on a mode that there is not, or on a circle.
 */
export function resolve(modes: Modes, request: Dependencies): readonly Resolved[] {
  const settled = settle(modes, request.needs.map(by(REQUEST)), new Map(), Number.POSITIVE_INFINITY);
  return settled === null ? [] : ordered(modes, settled);
}

const by = (name: string) => (options: readonly string[]) => ({ by: name, options });

/** The smallest settlement of `open` beyond `settled` that has fewer than `limit` modes; null: there is none. */
function settle(modes: Modes, open: readonly Need[], settled: Settled, limit: number): Settled | null {
  if (settled.size >= limit) return null;
  // What leaves no choice goes first: it may settle a choice.
  const next = open.find(({ options }) => options.length === 1) ?? open[0];
  if (next === undefined) return settled;
  const rest = open.filter((need) => need !== next);
  const known = candidates(modes, next);
  const taken = known.find(({ name }) => settled.has(name));
  if (taken !== undefined) return settle(modes, rest, withEdge(settled, next.by, taken.name), limit);
  let best: Settled | null = null;
  for (const mode of known) {
    const more = new Map(withEdge(settled, next.by, mode.name)).set(mode.name, []);
    const found = settle(modes, [...rest, ...mode.needs.map(by(mode.name))], more, best?.size ?? limit);
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

function withEdge(settled: Settled, from: string, to: string): Settled {
  return new Map(settled).set(from, [...(settled.get(from) ?? []), to]);
}

function ordered(modes: Modes, settled: Settled): readonly Resolved[] {
  const done = new Map<string, Resolved>();
  const visit = (name: string, trail: readonly string[]): void => {
    if (done.has(name)) return;
    if (trail.includes(name)) {
      const circle = [...trail.slice(trail.indexOf(name)), name].join(' → ');
      throw new LinkloomError('E_CONFIG', `the modes depend on each other in a circle: ${circle}`);
    }
    const mode = modes.get(name);
    const after = mode?.after.filter((other) => settled.has(other)) ?? [];
    const deps = [...new Set([...(settled.get(name) ?? []), ...after])];
    for (const other of deps) visit(other, [...trail, name]);
    if (mode !== undefined) done.set(name, { name, path: mode.path, deps });
  };
  for (const name of settled.get(REQUEST) ?? []) visit(name, []);
  return [...done.values()];
}
