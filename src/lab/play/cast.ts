/** The links of each step of a timeline, as they were found, and what the kernel can do to them. */
import type { Amounts, Given, Timeline, TimelineStep } from '../../config/play/timeline.ts';
import { LinkloomError } from '../../errors.ts';
import { NO_SETTINGS } from '../../plan/links/settings.ts';
import type { SettableEnd, SettableLink } from '../../plan/overrides/ends.ts';
import type { ImpairChange } from '../../plan/overrides/goals.ts';
import { type Moment, roomForFlaps } from '../../play/schedule.ts';
import type { LinkSet } from '../../wire/ops/links.ts';
import { assertLinkWords } from '../links/words.ts';
import { selectLinks } from '../override/select.ts';
import { settingsFrom } from '../override/settings.ts';

/** Refuses LINKs that can't be any. Throws E_USAGE. */
export function assertLinks({ steps }: Timeline): void {
  for (const step of steps) inStep(step, () => assertLinkWords(step.links));
}

export class Cast {
  /** By the number of the step. */
  readonly #links: ReadonlyMap<number, readonly SettableLink[]>;
  readonly #byId: ReadonlyMap<string, SettableLink>;
  readonly #steps: ReadonlyMap<number, TimelineStep>;

  private constructor(steps: ReadonlyMap<number, TimelineStep>, links: ReadonlyMap<number, readonly SettableLink[]>) {
    this.#steps = steps;
    this.#links = links;
    this.#byId = new Map([...links.values()].flat().map((link) => [link.id, link]));
  }

  /** Throws what `selectLinks` throws, and E_USAGE where flaps have no room on their links. */
  static of(lab: string, { steps }: Timeline, settable: readonly SettableLink[]): Cast {
    const links = new Map(
      steps.map((step) => {
        const { links: found } = inStep(step, () => selectLinks(lab, settable, step.links));
        // The order of the lab depends on whether there is a configuration, and what is random must not.
        const sorted = [...found].sort((a, b) => (a.id < b.id ? -1 : 1));
        assertRoom(step, sorted.length);
        return [step.number, sorted] as const;
      }),
    );
    return new Cast(new Map(steps.map((step) => [step.number, step])), links);
  }

  /** `NODE:DEV` of a step's links. */
  idsOf({ number }: TimelineStep): readonly string[] {
    return (this.#links.get(number) ?? []).map(({ id }) => id);
  }

  linksOf({ step, link }: Moment): readonly SettableLink[] {
    if (link === null) return this.#links.get(step) ?? [];
    const found = this.#byId.get(link);
    return found === undefined ? [] : [found];
  }

  /** The ends of a link that a moment sets: that in the node, and the other one if asked for; both are reset. */
  endsOf({ step, change }: Pick<Moment, 'step' | 'change'>, { node, other }: SettableLink): readonly SettableEnd[] {
    const both = change === 'reset' || this.#steps.get(step)?.both === true;
    return [node, both ? other : null].filter((end) => end !== null);
  }

  /** Each end that the timeline sets, once. */
  ends(): readonly SettableEnd[] {
    const ends = [...this.#steps.values()].flatMap((step) => this.#endsOfStep(step));
    return [...new Map(ends.map((end) => [end.device, end])).values()];
  }

  /**
   * Messages that set every end that a timeline ever sets down, down, and to the least MTU that it gets: what the kernel may take
   * because of it is what it would take because of these.
   */
  worst(): readonly LinkSet[] {
    const worst = new Map<SettableEnd['device'], LinkSet>();
    for (const step of this.#steps.values()) {
      const taken = takenBy(step.action);
      if (taken.up === null && taken.mtuBytes === null) continue;
      for (const end of this.#endsOfStep(step)) {
        const { up, mtuBytes } = worst.get(end.device)?.settings ?? NO_SETTINGS;
        const mtus = [mtuBytes, taken.mtuBytes].filter((mtu) => mtu !== null);
        const least = mtus.length === 0 ? null : Math.min(...mtus);
        worst.set(end.device, setOf(end, { ...NO_SETTINGS, up: up ?? taken.up, mtuBytes: least }));
      }
    }
    return [...worst.values()];
  }

  #endsOfStep({ number, action }: TimelineStep): readonly SettableEnd[] {
    const change = action.kind === 'reset' ? 'reset' : {};
    return (this.#links.get(number) ?? []).flatMap((link) => this.endsOf({ step: number, change }, link));
  }
}

/** A message to an end. */
export function setOf({ ns, link, device }: SettableEnd, settings: LinkSet['settings']): LinkSet {
  const { ifname: dev, ifindex } = device;
  const nothing = { addAddresses: [], addRoutes: [], data: null };
  return { op: 'link.set', ns, link, cause: 'a step', dev, ifindex, settings, ...nothing };
}

/** State and MTU with which the kernel takes the most of a link because of a step. null: it leaves them. */
function takenBy(action: TimelineStep['action']): { readonly up: false | null; readonly mtuBytes: number | null } {
  if (action.kind === 'flaps' || action.kind === 'reset') return { up: false, mtuBytes: null };
  const mtus = amountsOf(action).flatMap(({ mtu }) => mtu ?? []);
  return { up: action.given.down === true ? false : null, mtuBytes: mtus.length === 0 ? null : Math.min(...mtus) };
}

function amountsOf(action: TimelineStep['action']): readonly (Given | Amounts)[] {
  if (action.kind === 'set') return [action.given];
  return action.kind === 'ramp' ? [action.given, action.from, action.to] : [];
}

/** All that a timeline ever does to packets, each with its largest amount. */
export function impairmentsOf({ steps }: Timeline): ImpairChange {
  const most: Record<string, number> = {};
  for (const amounts of steps.flatMap(({ action }) => amountsOf(action))) {
    for (const [key, value] of Object.entries(settingsFrom(amounts)?.impair ?? {})) {
      most[key] = Math.max(most[key] ?? 0, value);
    }
  }
  return most;
}

/** Tells of an error in which step it is. */
function inStep<T>({ number }: TimelineStep, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LinkloomError)) throw error;
    const { code, message, where, hint } = error;
    const more = { ...(where !== undefined && { where }), ...(hint !== undefined && { hint }) };
    throw new LinkloomError(code, `step ${number}: ${message}`, { ...more, cause: error });
  }
}

function assertRoom(step: TimelineStep, links: number): void {
  const { action, number } = step;
  if (action.kind !== 'flaps' || action.count <= roomForFlaps(step, links)) return;
  const room = roomForFlaps(step, links);
  const message = `step ${number}: ${action.count} flaps of up to ${action.downMs.to} ms have no room in ${action.overMs} ms on ${links} links: at most ${room} have`;
  throw new LinkloomError('E_USAGE', message, { hint: 'give fewer, shorter ones, or more time with over' });
}
