/** `run:` programs in real namespaces: kept running, logged, taken over from a supervisor that was killed, and ended. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { identify } from '../../../src/runtime/process.ts';
import { applyPrograms, endPrograms, programsOf, restartPrograms } from '../../../src/supervisor/client.ts';
import { logPath, readState, writeState } from '../../../src/supervisor/files.ts';
import { LOG_MAX_BYTES } from '../../../src/supervisor/log-file.ts';
import { markedProcesses } from '../../../src/supervisor/marked.ts';
import type { ProgramSpec, ProgramState } from '../../../src/supervisor/program.ts';
import { needs } from '../../support/needs.ts';
import { newNetns, uniqueName } from '../../support/netns.ts';

const onlyRoot = needs('root', 'program:ip');
const PATIENCE_MS = 20_000;

/** A lab of its own, whose programs are gone at the end. */
function newLab() {
  const lab = uniqueName('l');
  return {
    lab,
    apply: (...specs: ProgramSpec[]) => applyPrograms(lab, specs),
    states: () => programsOf(lab),
    state: (name: string): ProgramState => {
      const found = programsOf(lab).find(({ spec }) => spec.name === name);
      assert.ok(found, name);
      return found;
    },
    log: (node: string, name: string): string => {
      const path = logPath(lab, { node, name });
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    },
    supervisor: () => readState(lab)?.supervisor.pid ?? 0,
    [Symbol.asyncDispose]: () => endPrograms(lab),
  };
}

function program(
  node: string,
  netns: string,
  name: string,
  script: string,
  given: Partial<ProgramSpec> = {},
): ProgramSpec {
  return { node, netns, name, argv: ['sh', '-c', script], env: {}, restart: 'always', ...given };
}

async function until(what: string, look: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (!look()) {
    assert.ok(Date.now() < deadlineMs, `waited in vain for ${what}`);
    await delay(10);
  }
}

const pidOf = ({ process }: ProgramState): number => process?.pid ?? 0;

test('a program runs in its namespace, sees its /etc, writes its log, and ends with the lab', onlyRoot, async () => {
  await using ns = await newNetns();
  await using lab = newLab();
  mkdirSync(`/etc/netns/${ns.name}`, { recursive: true });
  writeFileSync(`/etc/netns/${ns.name}/hosts`, '10.0.0.9 far\n');
  try {
    const script = 'readlink /proc/self/ns/net; cat /etc/hosts; echo "$GREETING" >&2; exec sleep 1000000';
    await lab.apply(program('r1', ns.name, 'web', script, { env: { GREETING: 'two words' } }));
    await until('its log', () => lab.log('r1', 'web').includes('two words'));
    const [net, hosts] = lab.log('r1', 'web').split('\n');
    assert.equal(net, `net:[${statSync(`/run/netns/${ns.name}`).ino}]`);
    assert.equal(hosts, '10.0.0.9 far');
    assert.equal(statSync(`/run/linkloom/${lab.lab}`).mode & 0o777, 0o700);
    assert.equal(statSync(logPath(lab.lab, { node: 'r1', name: 'web' })).mode & 0o777, 0o600);
    const supervisor = lab.supervisor();
    await endPrograms(lab.lab);
    assert.equal(identify(supervisor), null);
    assert.deepEqual(markedProcesses(`${lab.lab} `), []);
    assert.ok(!existsSync(`/run/linkloom/${lab.lab}`));
  } finally {
    await import('node:fs/promises').then(({ rm }) => rm(`/etc/netns/${ns.name}`, { recursive: true, force: true }));
  }
});

test('one that is killed, or ends, is begun again, with a pause that grows; its log goes on', onlyRoot, async () => {
  await using ns = await newNetns();
  await using lab = newLab();
  await lab.apply(
    program('r1', ns.name, 'stays', 'echo begun; exec sleep 1000000'),
    program('r1', ns.name, 'ends', 'date +%s%N; exit 3'),
    program('r1', ns.name, 'fails', 'exit 4', { restart: 'on-failure' }),
    program('r1', ns.name, 'once', 'echo once; exit 5', { restart: 'no' }),
    program('r1', ns.name, 'well', 'echo well', { restart: 'on-failure' }),
  );
  const first = pidOf(lab.state('stays'));
  process.kill(first, 'SIGKILL');
  await until('its return', () => pidOf(lab.state('stays')) !== 0 && pidOf(lab.state('stays')) !== first);
  await until('both in the log', () => lab.log('r1', 'stays') === 'begun\nbegun\n');
  assert.deepEqual([lab.state('stays').restarts, lab.state('stays').lastEnd?.signal], [1, 'SIGKILL']);
  await until('three beginnings', () => lab.log('r1', 'ends').split('\n').length > 3);
  const [a = 0, b = 0, c = 0] = lab
    .log('r1', 'ends')
    .split('\n')
    .map((text) => Number(text) / 1e6);
  assert.ok(b - a >= 490 && c - b >= 990, `${b - a} ms, ${c - b} ms`);
  assert.equal(lab.state('ends').lastEnd?.status, 3);
  assert.ok(lab.state('fails').restarts > 0);
  assert.deepEqual(
    [lab.log('r1', 'once'), lab.state('once').restarts, lab.state('once').lastEnd?.status],
    ['once\n', 0, 5],
  );
  assert.deepEqual([lab.log('r1', 'well'), lab.state('well').restarts], ['well\n', 0]);
  // What is over stays so, whoever asks again for the same.
  await lab.apply(...lab.states().map(({ spec }) => spec), program('r1', ns.name, 'after', 'echo after'));
  await until('what is begun with them', () => lab.log('r1', 'after').startsWith('after'));
  assert.equal(lab.log('r1', 'once'), 'once\n');
});

test(
  'a changed one is begun anew alone, one that is not wanted ends, with all that it has started',
  onlyRoot,
  async () => {
    await using ns = await newNetns();
    await using lab = newLab();
    const stays = program('r1', ns.name, 'stays', 'exec sleep 1000000');
    const goes = program('r2', ns.name, 'goes', 'setsid sleep 1000000 & trap "" TERM; sleep 1000000');
    const changes = program('r2', ns.name, 'changes', 'exec sleep 1000000');
    await lab.apply(stays, changes, goes);
    await until('the child', () => markedProcesses(`${lab.lab} r2 goes`).length === 3);
    const [before, changed] = [lab.state('stays').process, pidOf(lab.state('changes'))];
    const supervisor = lab.supervisor();
    await lab.apply({ ...changes, env: { X: '1' } }, stays);
    assert.deepEqual(lab.state('stays').process, before);
    assert.notEqual(pidOf(lab.state('changes')), changed);
    assert.equal(identify(changed), null);
    assert.deepEqual(markedProcesses(`${lab.lab} r2 goes`), []);
    assert.equal(lab.supervisor(), supervisor);
    await restartPrograms(lab.lab, 'r2');
    assert.notEqual(pidOf(lab.state('changes')), changed);
    assert.deepEqual(lab.state('stays').process, before);
    await lab.apply();
    assert.equal(identify(supervisor), null);
  },
);

test(
  'a supervisor that is killed leaves its programs running; the next one takes them over and doubles none',
  onlyRoot,
  async () => {
    await using ns = await newNetns();
    await using lab = newLab();
    const chats = program('r1', ns.name, 'chats', 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done');
    const dies = program('r1', ns.name, 'dies', 'exec sleep 1000000');
    await lab.apply(chats, dies);
    const [first, dead] = [lab.state('chats').process, pidOf(lab.state('dies'))];
    const killed = lab.supervisor();
    process.kill(killed, 'SIGKILL');
    await until('its end', () => identify(killed) === null);
    process.kill(dead, 'SIGKILL');
    const written = lab.log('r1', 'chats').length;
    await until('the log to go on without it', () => lab.log('r1', 'chats').length > written + 20);
    await lab.apply(chats, dies);
    assert.notEqual(lab.supervisor(), killed);
    assert.deepEqual(lab.state('chats').process, first, 'the same process as before');
    assert.notEqual(pidOf(lab.state('dies')), 0);
    const leaders = markedProcesses(`${lab.lab} r1 chats`).filter(({ pid }) => pid === first?.pid);
    assert.equal(leaders.length, 1);
    // A program that is nobody's child any more is followed all the same.
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await until('its return', () => pidOf(lab.state('chats')) !== 0 && pidOf(lab.state('chats')) !== first?.pid);
  },
);

test('what was begun and never written down ends, before it is begun once more', onlyRoot, async () => {
  await using ns = await newNetns();
  await using lab = newLab();
  const spec = program('r1', ns.name, 'web', 'exec sleep 1000000');
  await lab.apply(spec);
  const state = readState(lab.lab);
  assert.ok(state);
  process.kill(lab.supervisor(), 'SIGKILL');
  await until('its end', () => identify(state.supervisor.pid) === null);
  const stray = state.programs[0]?.process?.pid ?? 0;
  writeState(lab.lab, { ...state, programs: [] });
  await lab.apply(spec);
  assert.equal(identify(stray), null);
  assert.deepEqual(
    markedProcesses(`${lab.lab} `).map(({ pid }) => pid),
    [pidOf(lab.state('web'))],
  );
});

test(
  'a killed supervisor is no obstacle to the end of the lab, and none was needed where nothing is to run',
  onlyRoot,
  async () => {
    await using ns = await newNetns();
    await using lab = newLab();
    await lab.apply();
    assert.ok(!existsSync(`/run/linkloom/${lab.lab}`));
    await lab.apply(program('r1', ns.name, 'web', 'exec sleep 1000000'));
    process.kill(lab.supervisor(), 'SIGKILL');
    await endPrograms(lab.lab);
    assert.deepEqual(markedProcesses(`${lab.lab} `), []);
    assert.ok(!existsSync(`/run/linkloom/${lab.lab}`));
  },
);

test('a program moves into a namespace that has got the name meanwhile', onlyRoot, async () => {
  const { execa } = await import('execa');
  await using ns = await newNetns();
  await using lab = newLab();
  const spec = program('r1', ns.name, 'web', 'readlink /proc/self/ns/net; exec sleep 1000000');
  await lab.apply(spec);
  await until('its log', () => lab.log('r1', 'web') !== '');
  await execa('ip', ['netns', 'del', ns.name]);
  await execa('ip', ['netns', 'add', ns.name]);
  const first = pidOf(lab.state('web'));
  await lab.apply(spec);
  await until('the new one', () => lab.log('r1', 'web').includes(`net:[${statSync(`/run/netns/${ns.name}`).ino}]`));
  assert.equal(identify(first), null);
});

test('a log is cut when it is long, and what goes on writing does so at its beginning', onlyRoot, async () => {
  await using ns = await newNetns();
  await using lab = newLab();
  const lines = Math.ceil((1.5 * LOG_MAX_BYTES) / 8);
  const script = `seq -f %07g 1 ${lines}; while :; do echo later; sleep 0.05; done`;
  await lab.apply(program('r1', ns.name, 'loud', script));
  const path = logPath(lab.lab, { node: 'r1', name: 'loud' });
  await until('the cut', () => existsSync(`${path}.1`) && /^(later\n)+$/.test(lab.log('r1', 'loud')));
  const before = readFileSync(`${path}.1`, 'utf8');
  assert.ok(before.length <= LOG_MAX_BYTES && before.length > LOG_MAX_BYTES - 64, String(before.length));
  assert.match(before, /^\d{7}\n/);
  assert.deepEqual(readdirSync(`/run/linkloom/${lab.lab}/logs/r1`).sort(), ['loud.log', 'loud.log.1']);
});
