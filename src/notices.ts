/**
 * What people are told in passing: facts alone. `src/report/reporters/notices.ts` puts them into words. Namespaces are told by how they are
 * reached: `netns/NAME`, `pid/N`, `self`.
 */

/** How many things of one kind an edit of the configuration adds, takes away and changes. */
export interface Change {
  readonly what: 'link' | 'bridge' | 'tunnel' | 'node' | 'command';
  readonly more: number;
  readonly fewer: number;
  readonly changed: number;
}

export type Notice =
  /** A container engine answers, at first or again. */
  | { readonly type: 'listening'; readonly socketPath: string }
  /** An image that was missing is fetched. `bytes`: the size of its layers, 0 if the engine has not told. */
  | { readonly type: 'pull'; readonly state: 'begun' | 'done'; readonly image: string; readonly bytes: number }
  /** The container of a node that no configuration describes any more was removed. */
  | { readonly type: 'nodeRemoved'; readonly node: string }
  /** A command of the configuration was started, or one that was started earlier goes on. `pid` is null in a container. */
  | {
      readonly type: 'command';
      readonly state: 'started' | 'goes on';
      readonly node: string;
      readonly argv: readonly string[];
      readonly pid: number | null;
    }
  /** `up` waits for these commands. */
  | {
      readonly type: 'commandsAwaited';
      readonly commands: readonly {
        readonly node: string;
        readonly argv: readonly string[];
        readonly pid: number | null;
      }[];
    }
  /** The commands of a container wait until it is unpaused. */
  | { readonly type: 'commandsPaused'; readonly container: string }
  /** `down` ends processes that commands of the lab have left running. */
  | { readonly type: 'commandsLeft'; readonly pids: readonly number[] }
  /** `down` leaves a namespace of the lab, because another lab has links in it. */
  | { readonly type: 'namespaceShared'; readonly namespace: string }
  /** A namespace has lost its name, and processes keep it alive. */
  | { readonly type: 'namespaceKept'; readonly namespace: string; readonly pids: readonly number[] }
  /** The kernel still takes apart what was removed, bridges among it. */
  | { readonly type: 'dismantling'; readonly bridges: number; readonly elapsedMs: number }
  /**
   * A process removes the lab. `isAwaited`: this one waits for it. `pid` null: a removal in the background has failed, and
   * `logPath` is what it said.
   */
  | {
      readonly type: 'removal';
      readonly lab: string;
      readonly pid: number | null;
      readonly isAwaited: boolean;
      readonly logPath: string | null;
    }
  /** Somebody changes a link, bridge or namespace again and again. It is left so for `pauseMs` at least. */
  | { readonly type: 'contested'; readonly what: string; readonly times: number; readonly pauseMs: number }
  /** The configuration was read again. `isAsked`: because of SIGHUP, not because a file has changed. */
  | {
      readonly type: 'reloaded';
      readonly files: readonly string[];
      readonly changes: readonly Change[];
      readonly isAsked: boolean;
    }
  /** SIGHUP was received, and --no-reload forbids to read the configuration again. */
  | { readonly type: 'reloadRefused' }
  /** `restart` waits until the daemon that follows the lab has made the links. */
  | { readonly type: 'daemonAwaited' }
  | PlayNotice;

/** What a daemon tells of a play. `play` is its number, which the answer to `POST /play` has too; times are milliseconds from its beginning. */
type PlayNotice =
  /** All of a timeline has been checked, and it begins. `name` null: it has none. */
  | { readonly type: 'playBegun'; readonly play: number; readonly name: string | null }
  /** A step was carried out. `set`: what it sets, as a timeline writes it. `links`: `NODE:DEV` of those that it changed. */
  | {
      readonly type: 'playStep';
      readonly play: number;
      /** The number of the step in the file, from 1. */
      readonly step: number;
      readonly name: string | null;
      /** From 1. */
      readonly round: number;
      readonly set: Readonly<Record<string, unknown>>;
      readonly links: readonly string[];
      readonly wantedMs: number;
      /** When its first message was sent, and the last acknowledged; null: all links were like that already. */
      readonly firstMs: number | null;
      readonly lastMs: number | null;
      /** How many links the kernel refused; each has a `failure` of its own. */
      readonly failed: number;
    }
  /** A play is over, and the links are as they were found, but for failures. `end` as in the last line of `play --json`. */
  | {
      readonly type: 'playEnded';
      readonly play: number;
      readonly end: 'finished' | 'until' | 'interrupted' | 'failed';
      readonly steps: number;
      readonly lastedMs: number;
    };

const TYPES: Readonly<Record<Notice['type'], true>> = {
  ...{ listening: true, pull: true, nodeRemoved: true, command: true, commandsAwaited: true, commandsPaused: true },
  ...{ commandsLeft: true, namespaceShared: true, namespaceKept: true, dismantling: true, contested: true },
  ...{ reloaded: true, reloadRefused: true, removal: true, daemonAwaited: true },
  ...{ playBegun: true, playStep: true, playEnded: true },
};

export const NOTICE_TYPES = Object.keys(TYPES) as readonly Notice['type'][];

export function isNotice<T extends { readonly type: string }>(event: T): event is Extract<T, Notice> {
  return Object.hasOwn(TYPES, event.type);
}
