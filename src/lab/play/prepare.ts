/**
 * `play/` plays timelines on a running lab.
 *
 * This file: the messages of each moment, before its time. It foresees how each device is then, so that nothing has to be looked up.
 */
import type { Given } from '../../config/play/timeline.ts';
import { LinkloomError } from '../../errors.ts';
import type { NsId } from '../../net/ns-id.ts';
import { jobsOf, type PlannedJob } from '../../plan/jobs.ts';
import type { NsView } from '../../plan/ns-view.ts';
import { withDevices } from '../../plan/observed.ts';
import { type Parked, planAlong } from '../../plan/overrides/along.ts';
import { goalAsConfigured } from '../../plan/overrides/back.ts';
import type { SettableEnd } from '../../plan/overrides/ends.ts';
import type { EndGoal, TrafficKinds } from '../../plan/overrides/goals.ts';
import { deviceAfter } from '../../plan/overrides/set.ts';
import type { Moment } from '../../play/schedule.ts';
import type { Link } from '../../topology/topology.ts';
import { verb } from '../../verb-names.ts';
import type { Op } from '../../wire/op.ts';
import type { LinkSet } from '../../wire/ops/links.ts';
import type { LinkDump } from '../../wire/seen.ts';
import { type Ground, planEnd, takes } from '../override/carry-out.ts';
import { checkedGoal } from '../override/set-links.ts';
import { settingsFrom } from '../override/settings.ts';
import type { Cast } from './cast.ts';

/** A moment with its messages. */
export interface Prepared {
  readonly moment: Moment;
  readonly jobs: readonly PlannedJob[];
  /** `NODE:DEV` of the links that change. */
  readonly links: readonly string[];
}

type Parts = Pick<Ground, 'observed' | 'network'>;

/** What changes in one namespace. */
interface NsChange {
  readonly ns: NsId;
  readonly devices: LinkDump[];
  /** Messages after which the kernel takes something along, or lets it come back. */
  readonly sets: LinkSet[];
}

export class Preparer {
  readonly #ground: Parts;
  readonly #cast: Cast;
  readonly #kinds: TrafficKinds | null;
  /** Namespaces as they will be, by their inode. */
  readonly #views = new Map<number, NsView>();
  readonly #parked: Map<number, readonly Parked[]>;
  readonly #links = new Map<number, Link[]>();

  /** `parked`: what waits for its devices at the beginning. */
  constructor(ground: Parts, cast: Cast, kinds: TrafficKinds | null, parked: ReadonlyMap<number, readonly Parked[]>) {
    this.#ground = ground;
    this.#cast = cast;
    this.#kinds = kinds;
    this.#parked = new Map(parked);
    for (const link of ground.network?.links ?? []) {
      const inode = this.#inodeOf(link.node.ns);
      this.#links.set(inode, [...(this.#links.get(inode) ?? []), link]);
    }
  }

  /** The messages of the next moment. Throws what `checkedGoal` and `planEnd` throw, and E_USAGE. */
  prepare(moment: Moment): Prepared {
    const ops: Op[] = [];
    const changes = new Map<number, NsChange>();
    const links = new Set<string>();
    for (const { goal, inode } of this.#goalsOf(moment)) {
      const planned = planEnd(goal);
      const { device, traffic } = planned;
      if (device === null && traffic === null) continue;
      links.add(goal.target.link);
      if (traffic !== null) ops.push(traffic);
      if (device !== null) ops.push(device);
      const change = changes.get(inode) ?? { ns: goal.target.ns, devices: [], sets: [] };
      change.devices.push(deviceAfter(goal, planned));
      if (device !== null && takes(device)) change.sets.push(device);
      changes.set(inode, change);
    }
    for (const [inode, change] of changes) ops.push(...this.#foresee(inode, change));
    const jobs = [...jobsOf(ops, this.#ground.observed).values()].flat();
    return { moment, jobs, links: [...links] };
  }

  #goalsOf(moment: Moment): readonly { readonly goal: EndGoal; readonly inode: number }[] {
    const ends = new Map<SettableEnd['device'], SettableEnd>();
    for (const link of this.#cast.linksOf(moment)) {
      for (const end of this.#cast.endsOf(moment, link)) ends.set(end.device, end);
    }
    return [...ends.values()].map((end) => {
      const inode = this.#inodeOf(end.ns);
      const device = this.#views.get(inode)?.byIndex.get(end.device.ifindex) ?? end.device;
      return { goal: this.#goalOf({ ...end, device }, end, moment.change), inode };
    });
  }

  #goalOf(target: SettableEnd, found: SettableEnd, change: Given | 'reset'): EndGoal {
    if (change !== 'reset') return checkedGoal(target, settingsFrom(change) ?? {}, this.#kinds);
    const goal = goalAsConfigured(target, found.device);
    if (goal !== null) return goal;
    throw new LinkloomError('E_USAGE', `${target.link} can't be reset: its configuration is not known`, {
      hint: `give -f FILE: ${verb('reset')} needs it, too; nothing has been touched`,
    });
  }

  /** How a namespace is afterwards. Returns what follows the messages to its devices. */
  #foresee(inode: number, { ns, devices: changed, sets }: NsChange): readonly Op[] {
    const view = this.#views.get(inode) ?? this.#ground.observed.namespaces.get(ns);
    if (view === undefined) return [];
    const parked = this.#parked.get(inode) ?? [];
    const links = this.#links.get(inode) ?? [];
    const along = sets.length === 0 ? null : planAlong({ ns, view, sets, parked, links });
    const devices = new Map(along?.devices ?? view.byIndex);
    for (const device of changed) devices.set(device.ifindex, device);
    this.#views.set(inode, withDevices(view, devices));
    if (along !== null) this.#parked.set(inode, along.parked);
    return along?.ops ?? [];
  }

  #inodeOf(ns: NsId): number {
    return this.#ground.observed.namespaces.get(ns)?.dump.inode ?? 0;
  }
}
