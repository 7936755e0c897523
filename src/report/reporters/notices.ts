/** Notices as the lines that people read. */
import { counted } from '../../counted.ts';
import type { Event } from '../../events.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { Change, Notice } from '../../notices.ts';
import { spokenPlace } from '../../topology/places.ts';

type Words = { readonly [Type in Notice['type']]: (notice: Extract<Notice, { type: Type }>) => string };

const WORDS: Words = {
  // conlink's words: programs that start it look for them.
  listening: ({ socketPath }) => `Listening on ${socketPath}`,
  pull: ({ state, image, bytes }) => {
    if (state === 'begun') return `Pulling image ${image}`;
    return `Pulled image ${image}${bytes > 0 ? ` (${(bytes / 1e6).toFixed(1)} MB)` : ''}`;
  },
  nodeRemoved: ({ node }) => `Removed the container of ${node}, which is not described any more`,
  command: ({ state, node, argv, pid }) =>
    state === 'started'
      ? `Exec command in ${node}: ${JSON.stringify(argv)}`
      : `Command in ${node} still runs${pid === null ? '' : ` (pid ${pid})`}: ${JSON.stringify(argv)}`,
  commandsAwaited: ({ commands }) =>
    `Waiting for ${commands.map(commandText).join(', ')}: a signal leaves it running; what serves belongs in the background (\`&\`)`,
  commandsPaused: ({ container }) =>
    `container ${container} is paused: its links are made, its commands run once it is unpaused`,
  commandsLeft: ({ pids }) => `Ending what the lab's commands have left running: pids ${pids.join(', ')}`,
  namespaceShared: ({ namespace }) => `${spokenPlace(namespace as NsId)} stays: another lab has links in it`,
  namespaceKept: ({ namespace, pids }) =>
    `${spokenPlace(namespace as NsId)} has lost its name, but the processes ${pids.join(', ')} keep it alive`,
  dismantling: ({ bridges, elapsedMs }) =>
    `The kernel is taking apart what was removed (${counted(bridges, 'bridge')}): ${Math.round(elapsedMs / 1000)} s so far`,
  removal: ({ lab, pid, isAwaited, logPath }) => {
    if (pid === null) return `The removal of lab ${lab} in the background has failed: ${logPath} has what it said`;
    return `Lab ${lab} is being removed by pid ${pid}${isAwaited ? ': waiting until it is gone' : ''}`;
  },
  contested: ({ what, times, pauseMs }) =>
    `${what} is changed again and again (${times} times): it is left so for ${pauseMs} ms at least`,
  reloaded: ({ files, changes }) => `Reloaded ${files.join(', ')}: ${changesText(changes)}`,
  reloadRefused: () => 'SIGHUP: the files are not read again, as --no-reload says',
  playBegun: ({ play, name }) => `Play ${play}${name === null ? '' : ` (${name})`} begins`,
  playStep: ({ play, step, name, round, set, links, failed }) => {
    const called = `step ${step}${name === null ? '' : ` (${name})`}${round > 1 ? `, round ${round}` : ''}`;
    const words = Object.entries(set).map(([key, value]) => (value === true ? key : `${key} ${value}`));
    const refused = failed === 0 ? '' : `; ${failed} failed`;
    return `Play ${play}, ${called}: ${words.join(', ')}: ${counted(links.length, 'link')}${refused}`;
  },
  playEnded: ({ play, end, steps, lastedMs }) =>
    `Play ${play} is over (${PLAY_ENDS[end]}) after ${counted(steps, 'step')} in ${(lastedMs / 1000).toFixed(1)} s`,
  daemonAwaited: () => 'another linkloom follows this lab: waiting until it has made the links',
};

const PLAY_ENDS = {
  finished: 'finished',
  until: 'its command has succeeded',
  interrupted: 'interrupted',
  failed: 'a step failed',
} as const;

export function noticeText(notice: Notice): string {
  return (WORDS[notice.type] as (notice: Notice) => string)(notice);
}

/** Whether a notice is only for --verbose: files that were written again, with the same in them, and the steps of a play. */
export function isDetail(event: Event): boolean {
  if (event.type === 'playStep') return true;
  return event.type === 'reloaded' && event.changes.length === 0 && !event.isAsked;
}

/** Such as `1 link more, 2 links changed, 1 bridge fewer`. */
function changesText(changes: readonly Change[]): string {
  const parts = changes.flatMap(({ what, ...counts }) =>
    (['more', 'fewer', 'changed'] as const).flatMap((how) =>
      counts[how] > 0 ? [`${counted(counts[how], what)} ${how}`] : [],
    ),
  );
  return parts.length === 0 ? 'nothing differs' : parts.join(', ');
}

/** `the command in NODE (pid N) ["sleep","60"]`. */
function commandText({
  node,
  argv,
  pid,
}: {
  readonly node: string;
  readonly argv: readonly string[];
  readonly pid: number | null;
}): string {
  return `the command in ${node}${pid === null ? '' : ` (pid ${pid})`} ${JSON.stringify(argv)}`;
}
