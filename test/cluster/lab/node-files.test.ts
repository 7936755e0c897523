/** Files beside the configuration reach the containers that are made of it, on whichever hosts these are. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Site, until } from '../../../scripts/cluster/site.ts';
import { engineOn } from '../../support/cluster/engine-on.ts';
import { RunningSite } from '../../support/cluster/running.ts';
import { BUSYBOX, ensureBusybox } from '../../support/engine/busybox.ts';
import type { TestEngine } from '../../support/engine/dockerd.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';

const LAB = 'files';

test('files of nodes over several hosts', needs('root', 'program:openssl', 'program:dockerd'), async (t) => {
  using folder = temporaryFolder('node-files');
  await using running = await RunningSite.start();
  const { site } = running;
  await using second = await engineFor(running, 'h2', folder.path);
  await using third = await engineFor(running, 'h3', folder.path);
  await running.agentsLive();
  const engines: Readonly<Record<string, TestEngine>> = { h2: second, h3: third };
  const inNode = async (host: string, node: string, ...words: readonly string[]): Promise<string> =>
    (await engines[host]?.docker('exec', `${LAB}.${node}`, ...words)) ?? '';
  const idOf = async (host: string, node: string): Promise<string> =>
    (await engines[host]?.docker('inspect', '--format', '{{.Id}}', `${LAB}.${node}`)) ?? '';

  mkdirSync(join(folder.path, 'lab/tree/deep'), { recursive: true });
  const put = (path: string, text: string, mode: number): void => {
    writeFileSync(join(folder.path, 'lab', path), text);
    chmodSync(join(folder.path, 'lab', path), mode);
  };
  put('a.conf', 'of a', 0o640);
  put('b.conf', 'of b', 0o600);
  put('tree/deep/start', '#!/bin/sh\necho started', 0o755);
  const node = (host: string, ...copy: readonly string[]): object => ({
    ...{ image: BUSYBOX, command: ['sleep', '1000000'], on: host, copy },
  });
  const file = join(folder.path, 'lab/lab.json');
  writeFileSync(
    file,
    JSON.stringify({
      lab: LAB,
      nodes: { a: node('h2', './a.conf:/etc/a.conf:0604', './tree:/srv/tree'), b: node('h3', './b.conf:/etc/b.conf') },
      wires: [{ ends: ['a:eth0', 'b:eth0'], ip: ['10.8.0.1/24', '10.8.0.2/24'], mtu: 1400 }],
    }),
  );

  await t.test('up from a host without the nodes: contents and modes are those of the files', async () => {
    await running.must('h1', 'up', '-f', file);
    assert.equal(await inNode('h2', 'a', 'cat', '/etc/a.conf'), 'of a');
    assert.equal(await inNode('h2', 'a', 'stat', '-c', '%a %u', '/etc/a.conf'), '604 0');
    assert.equal(await inNode('h2', 'a', '/srv/tree/deep/start'), 'started');
    assert.equal(await inNode('h3', 'b', 'cat', '/etc/b.conf'), 'of b');
    assert.equal(await inNode('h3', 'b', 'stat', '-c', '%a %u', '/etc/b.conf'), '600 0');
    const wordsOfPing = ['ping', '-c', '1', '-w', '10'];
    await inNode('h2', 'a', ...wordsOfPing, 'b');
    await inNode('h3', 'b', ...wordsOfPing, 'a');
  });

  await t.test('a host has the files of its own nodes, which only root can read', async () => {
    assert.deepEqual((await filesOn(site, 'h1')).length, 0);
    assert.deepEqual((await filesOn(site, 'h2')).length, 2);
    assert.deepEqual((await filesOn(site, 'h3')).length, 1);
    const modes = await site.hosts.exec('h3', 'stat', ['-c', '%a', `/run/linkloom/${LAB}/files`]);
    assert.equal(modes, '700');
  });

  await t.test('up again makes nothing; a file that was edited is in what is made from then on', async () => {
    const before = await idOf('h2', 'a');
    const again = JSON.parse((await running.must('h1', 'up', '-f', file, '--json')).stdout) as { written: boolean };
    assert.equal(again.written, false);
    put('a.conf', 'of a, edited', 0o640);
    const edited = JSON.parse((await running.must('h1', 'up', '-f', file, '--json')).stdout) as { written: boolean };
    assert.equal(edited.written, true);
    assert.equal(await idOf('h2', 'a'), before);
    assert.equal(await inNode('h2', 'a', 'cat', '/etc/a.conf'), 'of a');
    await second.docker('rm', '--force', `${LAB}.a`);
    await running.must('h1', 'up', '-f', file);
    await until('a is there', async () => (await idOf('h2', 'a').catch(() => before)) !== before, 30_000);
    assert.equal(await inNode('h2', 'a', 'cat', '/etc/a.conf'), 'of a, edited');
  });

  await t.test('an agent that starts anew has them still; down takes them and the containers away', async () => {
    const before = [await idOf('h2', 'a'), await idOf('h3', 'b')];
    await site.end('agent', 'h3');
    site.startAgent('h3', '--docker-socket', third.socketPath);
    await running.settled(LAB, 60_000);
    assert.deepEqual([await idOf('h2', 'a'), await idOf('h3', 'b')], before);
    assert.deepEqual((await filesOn(site, 'h3')).length, 1);
    await running.down(LAB);
    for (const [host, engine] of Object.entries(engines)) {
      assert.equal(await engine.docker('ps', '--all', '--quiet'), '', host);
      assert.deepEqual(await filesOn(site, host), [], host);
    }
  });
});

/** An engine with the image for tests, which the agent of the host uses from now on. */
async function engineFor({ site }: RunningSite, host: string, folder: string): Promise<TestEngine> {
  const own = join(folder, host);
  mkdirSync(own);
  const engine = await engineOn(site, host, own);
  try {
    await ensureBusybox(engine);
    await site.end('agent', host, 'SIGTERM');
    site.startAgent(host, '--docker-socket', engine.socketPath);
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a host keeps of the files that came with the lab: a folder for each source. */
async function filesOn({ hosts }: Site, host: string): Promise<readonly string[]> {
  const words = [`/run/linkloom/${LAB}/files`, '-mindepth', '1', '-maxdepth', '1'];
  const found = await hosts.exec(host, 'find', words, { reject: false });
  return found.split('\n').filter((line) => line !== '');
}
