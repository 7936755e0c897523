/**
 * What happens to a lab, as one stream: what linkloom does, what the kernel shows, what container engines say. `linkloom events`
 * prints it, and the daemon's API serves it. docs/events.md describes each type.
 */
import type { Event, LinkEvent } from './events.ts';
import { NOTICE_TYPES, type Notice } from './notices.ts';
import type { Subject } from './subject.ts';

/**
 * Who says it. `linkloom`: the linkloom that does it. `kernel`: it is seen in the kernel, so who did it and why is not known, or
 * only guessed. `engine`: a container engine. `store`: what the hosts of a lab share.
 */
export type LabEventSource = 'linkloom' | 'kernel' | 'engine' | 'store';

/** Where a device is: `node` and `port` are the two ends of a link; null: the device belongs to a bridge or a tunnel. */
export type DeviceEnd = 'node' | 'port' | null;

interface OfDevice {
  /** The link, bridge or tunnel that the device belongs to. */
  readonly subject: Subject;
  readonly end: DeviceEnd;
  /** The namespace, as in `status --json`: `netns/NAME`, `pid/N`, `self`. */
  readonly namespace: string;
  /** The device's name there. */
  readonly ifname: string;
}

/** A value of a device is another one now. `before` is null if it is not known. */
export interface DeviceEvent extends OfDevice {
  /**
   * `admin`: set up or down. `carrier`: true or false. `operstate`: as `ip -json` names it. `bridge`: the bridge's name, null: none.
   * `impairment`: the words of netem, null: none.
   */
  readonly type: 'admin' | 'operstate' | 'carrier' | 'mtu' | 'mac' | 'name' | 'bridge' | 'impairment';
  readonly before: string | number | boolean | null;
  readonly now: string | number | boolean | null;
}

/** An address was added or removed; `address` is a prefix: `10.0.0.1/24`. */
export interface AddressEvent extends OfDevice {
  readonly type: 'address';
  readonly change: 'added' | 'removed';
  readonly address: string;
}

/** Something of a link was set by hand, or is not any more. */
export interface OverrideEvent {
  readonly type: 'override';
  readonly subject: Subject;
  /** `lost`: the device is gone, and the override with it. */
  readonly change: 'set' | 'reset' | 'lost';
  /** What is overridden, as people say it: `state down`, `delay 40ms`. */
  readonly settings: readonly string[];
}

/** Nobody speaks for a host of the lab any more, or somebody does again. Only a lab over several hosts has this. */
export interface HostEvent {
  readonly type: 'host-lost' | 'host-back';
  readonly host: string;
}

/** Somebody has written what is wanted of the lab. Only a lab over several hosts has this. */
export interface RevisionEvent {
  readonly type: 'revision';
  readonly revision: number;
  /** `USER@HOST`. */
  readonly writer: string;
  /** Whether it says that the lab is to be removed. */
  readonly deleted: boolean;
}

/** Events are missing here: the kernel sent more than could be read, or a reader came back too late. `why` is for people. */
export interface LostEvent {
  readonly type: 'lost';
  readonly why: string;
}

/** What of a run's events belongs to the story of the lab. Those about links come as `LinkEvent`. */
export type RunEventType = 'container' | 'connected' | 'waiting' | 'nodes' | 'notice' | 'diagnostic' | 'failure';

/** What a `LabEvent` is about: a step of a link, what the kernel told of a device or an address, an override, its hosts, a remark, events that were lost. */
export type Happening =
  | LinkEvent
  | Notice
  | Extract<Event, { type: RunEventType }>
  | DeviceEvent
  | AddressEvent
  | OverrideEvent
  | HostEvent
  | RevisionEvent
  | LostEvent;

/** One event of the story of a lab, as `events` and the API give it. */
export interface LabEvent {
  /** Grows with each event, also over a restart of the daemon. */
  readonly id: number;
  /** Milliseconds since the Unix epoch. */
  readonly timeMs: number;
  readonly source: LabEventSource;
  readonly event: Happening;
}

/** Types of events, and groups of them by one word. */
export const EVENT_GROUPS = {
  link: ['wanted', 'begun', 'made', 'changed', 'failed', 'waits', 'drifted', 'mended', 'removed'],
  device: ['admin', 'operstate', 'carrier', 'mtu', 'mac', 'name', 'bridge', 'impairment', 'address'],
  run: ['connected', 'waiting', 'nodes', 'notice', 'diagnostic', 'failure', ...NOTICE_TYPES],
  container: ['container'],
  override: ['override'],
  play: ['playBegun', 'playStep', 'playEnded'],
  host: ['host-lost', 'host-back', 'revision'],
} as const satisfies Readonly<Record<string, readonly Happening['type'][]>>;

/** The names of groups and of types. */
export const EVENT_KINDS: readonly string[] = [
  ...new Set([...Object.keys(EVENT_GROUPS), ...Object.values(EVENT_GROUPS).flat()]),
];
