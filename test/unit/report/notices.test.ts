/** Each notice in the words that people read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '../../../src/notices.ts';
import { createReporter } from '../../../src/report/reporter.ts';
import { noticeText } from '../../../src/report/reporters/notices.ts';
import { fakeClock, fakeSink } from '../../support/sink.ts';

const changes = [
  { what: 'link', more: 2, fewer: 0, changed: 1 },
  { what: 'node', more: 0, fewer: 1, changed: 0 },
] as const;

const SAID: readonly (readonly [Notice, string])[] = [
  [{ type: 'listening', socketPath: '/run/d.sock' }, 'Listening on /run/d.sock'],
  [{ type: 'pull', state: 'begun', image: 'busybox', bytes: 0 }, 'Pulling image busybox'],
  [{ type: 'pull', state: 'done', image: 'busybox', bytes: 2_150_000 }, 'Pulled image busybox (2.1 MB)'],
  [{ type: 'nodeRemoved', node: 'a' }, 'Removed the container of a, which is not described any more'],
  [{ type: 'command', state: 'started', node: 'a', argv: ['x', 'y z'], pid: null }, 'Exec command in a: ["x","y z"]'],
  [{ type: 'command', state: 'goes on', node: 'a', argv: ['x'], pid: 7 }, 'Command in a still runs (pid 7): ["x"]'],
  [
    { type: 'commandsAwaited', commands: [{ node: 'a', argv: ['x'], pid: 7 }] },
    'Waiting for the command in a (pid 7) ["x"]: a signal leaves it running; what serves belongs in the background (`&`)',
  ],
  [
    { type: 'commandsPaused', container: 'c' },
    'container c is paused: its links are made, its commands run once it is unpaused',
  ],
  [{ type: 'commandsLeft', pids: [1, 2] }, "Ending what the lab's commands have left running: pids 1, 2"],
  [{ type: 'namespaceShared', namespace: 'netns/b' }, 'namespace b stays: another lab has links in it'],
  [
    { type: 'namespaceKept', namespace: 'netns/b', pids: [41, 42] },
    'namespace b has lost its name, but the processes 41, 42 keep it alive',
  ],
  [
    { type: 'dismantling', bridges: 1, elapsedMs: 5100 },
    'The kernel is taking apart what was removed (1 bridge): 5 s so far',
  ],
  [
    { type: 'contested', what: 'a:eth0', times: 3, pauseMs: 2000 },
    'a:eth0 is changed again and again (3 times): it is left so for 2000 ms at least',
  ],
  [
    { type: 'reloaded', files: ['a.yaml', 'b.yaml'], changes, isAsked: false },
    'Reloaded a.yaml, b.yaml: 2 links more, 1 link changed, 1 node fewer',
  ],
  [{ type: 'reloaded', files: ['a.yaml'], changes: [], isAsked: true }, 'Reloaded a.yaml: nothing differs'],
  [{ type: 'reloadRefused' }, 'SIGHUP: the files are not read again, as --no-reload says'],
  [{ type: 'playBegun', play: 2, name: 'storm' }, 'Play 2 (storm) begins'],
  [{ type: 'playBegun', play: 3, name: null }, 'Play 3 begins'],
  [
    {
      ...{ type: 'playStep', play: 2, step: 4, name: 'cut', round: 2, set: { down: true, delay: '10ms' } },
      ...{ links: ['a:eth0', 'b:eth0'], wantedMs: 5, firstMs: 5.1, lastMs: 6, failed: 1 },
    },
    'Play 2, step 4 (cut), round 2: down, delay 10ms: 2 links; 1 failed',
  ],
  [
    { type: 'playEnded', play: 2, end: 'finished', steps: 1, lastedMs: 1234 },
    'Play 2 is over (finished) after 1 step in 1.2 s',
  ],
  [{ type: 'daemonAwaited' }, 'another linkloom follows this lab: waiting until it has made the links'],
];

test('each notice has its words', () => {
  for (const [notice, words] of SAID) assert.equal(noticeText(notice), words);
});

test('the report for people has the words, that for programs the facts too; what says nothing new is a detail', () => {
  const told = (mode: 'plain' | 'json', verbose: boolean): string => {
    const sink = fakeSink();
    const { emit } = createReporter({ mode, verbose, env: {}, now: fakeClock().now }, sink);
    emit({ type: 'reloaded', files: ['a.yaml'], changes: [], isAsked: false });
    emit({ type: 'commandsLeft', pids: [1, 2] });
    return sink.text();
  };
  const ending = "Ending what the lab's commands have left running: pids 1, 2\n";
  assert.equal(told('plain', false), ending);
  assert.equal(told('plain', true), `Reloaded a.yaml: nothing differs\n${ending}`);
  const { time, ...line } = JSON.parse(told('json', false));
  assert.equal(typeof time, 'string');
  assert.deepEqual(line, { schemaVersion: 1, type: 'commandsLeft', pids: [1, 2], message: ending.trimEnd() });
});
