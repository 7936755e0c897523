/** Timelines: what they come to, and each fault with its place and what to do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTimeline } from '../../../src/config/play/read.ts';
import type { Timeline } from '../../../src/config/play/timeline.ts';

async function timelineOf(text: string, file = 't.yaml'): Promise<Timeline> {
  const { timeline, diagnostics } = await readTimeline(file, text);
  assert.deepEqual(diagnostics, []);
  assert.ok(timeline);
  return timeline;
}

test('a timeline in plain numbers: times with and without a sign, after the end of the step before', async () => {
  const timeline = await timelineOf(`
name: a bad day
seed: 7
repeat: 3
length: 2m
x-owner: me
steps:
  - {links: r1:eth1, down: true}
  - {at: +5s, links: [r1:eth1, 'leaf*:*'], delay: {from: 10ms, to: 200ms}, loss: 1%, over: 30s, every: 1s, both: true}
  - {after: 1500ms, name: storm, links: bridge/lan, flaps: {count: 9, down: {from: 100ms, to: 2s}, over: 20s}}
  - {after: 0, links: '*:*', reset: true}
  - {at: 1m30s, links: r1:eth1, up: true, mtu: 1400, delay: 0, rate: 10mbit, limit: 5}
`);
  const one = { name: null, both: false, links: ['r1:eth1'] };
  assert.deepEqual(timeline, {
    ...{ name: 'a bad day', seed: 7, rounds: 3, lengthMs: 120_000, until: null },
    steps: [
      { ...one, number: 1, atMs: 0, action: { kind: 'set', given: { down: true } } },
      {
        ...{ ...one, number: 2, atMs: 5000, both: true, links: ['r1:eth1', 'leaf*:*'] },
        action: {
          ...{ kind: 'ramp', given: { loss: 0.01 }, from: { delay: 10_000 }, to: { delay: 200_000 } },
          ...{ overMs: 30_000, everyMs: 1000 },
        },
      },
      {
        ...{ number: 3, name: 'storm', atMs: 36_500, links: ['bridge/lan'], both: false },
        action: { kind: 'flaps', count: 9, overMs: 20_000, downMs: { from: 100, to: 2000 } },
      },
      { ...one, number: 4, atMs: 56_500, links: ['*:*'], action: { kind: 'reset' } },
      {
        ...{ ...one, number: 5, atMs: 90_000 },
        action: { kind: 'set', given: { up: true, delay: 0, rate: 10_000_000, limit: 5, mtu: 1400 } },
      },
    ],
  });
});

test('a round ends with its last step; with until it is repeated for ever; JSON is read, too', async () => {
  const until = { command: ['ping', '-c', '1', '10.0.0.1'], node: 'alice' };
  const steps = [
    { at: '1s', links: 'a:b', rate: { from: '1mbit', to: '2mbit' }, over: '10s' },
    { at: '2s', links: 'a:b', down: true },
  ];
  const timeline = await timelineOf(JSON.stringify({ until, steps }), '<stdin>');
  assert.equal(timeline.rounds, 'forever');
  assert.equal(timeline.lengthMs, 11_000);
  assert.deepEqual(timeline.until, { ...until, everyMs: 1000 });
  assert.deepEqual(timeline.steps[0]?.action.kind === 'ramp' && timeline.steps[0].action.everyMs, 500);
  assert.equal((await timelineOf(JSON.stringify({ until, repeat: 2, steps }), 'x.json')).rounds, 2);
  const held = await timelineOf(JSON.stringify({ until, steps: [{ at: 0, links: 'a:b', down: true }] }), 'x.json');
  assert.equal(held.lengthMs, 1000);
});

const STEP = 'links: r1:eth1';

/** A text; the place of its one fault; the words of its message; those of its hint. */
const FAULTS: readonly (readonly [text: string, place: string, message: RegExp, hint?: RegExp])[] = [
  ['steps: [{at: 1s, linsk: a:b, down: true}]', '1:18', /steps\[0\]: unknown key "linsk"/, /did you mean `links`\?/],
  ['stpes: []', '1:1', /unknown key "stpes"/, /did you mean `steps`\?/],
  ['name: x', '1:1', /steps is missing/, /begin each step with a dash/],
  ['steps: []', '1:8', /steps must be a list of steps/],
  ['steps: {at: 1s}', '1:8', /steps must be a list of steps/],
  ['- a', '1:1', /a timeline must be a map/],
  ['steps: [x]', '1:9', /steps\[0\] must be a map, not "x"/],
  [`steps: [{at: 5, ${STEP}, down: true}]`, '1:14', /at must be a time with its unit: 500ms, 5s, 1m30s, not 5/],
  [`steps: [{at: 5 s, ${STEP}, down: true}]`, '1:14', /at must be a time with its unit/],
  [`steps: [{at: 5s, after: 2s, ${STEP}, down: true}]`, '1:18', /at and after exclude each other/],
  [`steps: [{${STEP}, down: true}, {${STEP}, up: true}]`, '1:39', /steps\[1\]: neither at nor after is given/],
  [`steps: [{at: 5s, ${STEP}}]`, '1:9', /nothing is to be done/, /down, up, delay/],
  [`steps: [{at: 5s, ${STEP}, down: false}]`, '1:40', /down must be true, not false/],
  [`steps: [{at: 5s, ${STEP}, down: true, up: true}]`, '1:46', /down and up exclude each other/],
  [`steps: [{at: 5s, ${STEP}, down: true, reset: true}]`, '1:46', /down and reset exclude each other/],
  [
    `steps: [{at: 5s, ${STEP}, delay: 10}]`,
    '1:41',
    /delay must be a time with its unit: 10ms, 1.5s, 200us; 0 for none/,
  ],
  [`steps: [{at: 5s, ${STEP}, loss: 101%}]`, '1:40', /loss must be a percentage/],
  [`steps: [{at: 5s, ${STEP}, rate: 7bit}]`, '1:40', /rate must be a rate with its unit/],
  [`steps: [{at: 5s, ${STEP}, mtu: 67}]`, '1:39', /mtu must be a whole number from 68 to 65535/],
  [`steps: [{at: 5s, ${STEP}, delay: {from: 1ms, to: 2ms}}]`, '1:34', /over is missing/],
  [`steps: [{at: 5s, ${STEP}, delay: {from: 1ms}, over: 1s}]`, '1:9', /delay.to is missing/],
  [`steps: [{at: 5s, ${STEP}, delay: 1ms, over: 1s}]`, '1:46', /over is for a value with from and to/],
  [`steps: [{at: 5s, ${STEP}, down: true, every: 1s}]`, '1:46', /every is for a value with from and to/],
  [`steps: [{at: 5s, ${STEP}, delay: {from: 1ms, to: 2ms}, over: 1s, every: 2s}]`, '1:73', /every is longer than over/],
  [`steps: [{at: 0, ${STEP}, delay: {from: 1ms, to: 2ms}, over: 1h, every: 1ms}]`, '1:72', /more than 100000 steps/],
  [`steps: [{at: 5s, ${STEP}, flaps: {count: 1, down: 2s, over: 1s}}]`, '1:34', /down is longer than over/],
  [`steps: [{at: 5s, ${STEP}, flaps: {count: 1, down: 2s}}]`, '1:9', /flaps.over is missing/],
  [`steps: [{at: 5s, ${STEP}, flaps: {count: 0, down: 2s, over: 9s}}]`, '1:49', /flaps.count must be a whole number/],
  [`steps: [{at: 5s, ${STEP}, flaps: {cuont: 1, down: 2s, over: 9s}}]`, '1:42', /unknown key "cuont"/, /`count`/],
  [
    `length: 4s\nsteps: [{at: 5s, ${STEP}, down: true}]`,
    '1:9',
    /length is 4000 ms, and the last step ends only after 5000 ms/,
  ],
  [`repeat: 2\nsteps: [{at: 0, ${STEP}, down: true}]`, '1:9', /must take at least 10 ms/, /give length/],
  [`repeat: ever\nsteps: [{at: 9s, ${STEP}, down: true}]`, '1:9', /repeat must be a whole number from 1 .*forever/],
  [`until: ping\nsteps: [{at: 9s, ${STEP}, down: true}]`, '1:8', /until must be a map, not "ping"/],
  [`until: {command: ping}\nsteps: [{at: 9s, ${STEP}, down: true}]`, '1:18', /command must be a list/],
  [`until: {command: []}\nsteps: [{at: 9s, ${STEP}, down: true}]`, '1:18', /command must not be empty/],
  ['steps: [{at: 5s, links: [], down: true}]', '1:25', /links.* must not be empty/],
  ['steps: [', '1:9', /./],
];

test('each fault is told with its place, and what to do', async () => {
  for (const [text, place, message, hint] of FAULTS) {
    const { timeline, diagnostics } = await readTimeline('t.yaml', text);
    assert.equal(timeline, null, text);
    const [first] = diagnostics;
    assert.ok(first, text);
    assert.match(first.message, message, text);
    if (hint !== undefined) assert.match(first.hint ?? '', hint, text);
    assert.equal(`${first.where?.line}:${first.where?.column}`, place, `${text}: ${first.message}`);
  }
});

test('all faults of a timeline are told at once', async () => {
  const { diagnostics } = await readTimeline(
    't.yaml',
    'seed: x\nsteps:\n  - {at: 1, links: 3, down: 1}\n  - {up: true}\n',
  );
  assert.deepEqual(
    diagnostics.map(({ where }) => where?.line),
    [1, 3, 3, 3, 4],
  );
});
