/** 12: without --store nothing of NATS is touched: no file of it, no socket but those of the kernel and of engines. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { BIN, linkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

test('12. a lab on one host opens no file and no socket of the store', needs('root', 'program:strace'), async () => {
  using folder = temporaryFolder('alone');
  const lab = uniqueName('q');
  const file = join(folder.path, 'lab.json');
  const trace = join(folder.path, 'trace');
  const links = ['a', 'b'].map((node) => ({ netns: `${lab}${node}`, bridge: 'lan', dev: 'eth0' }));
  writeFileSync(file, JSON.stringify({ lab, links }));
  const traced = async (...args: readonly string[]): Promise<string> => {
    const words = ['-f', '-qq', '-o', trace, '-e', 'trace=open,openat,connect,socket,execve', process.execPath, BIN];
    await execa('strace', [...words, ...args], { stdin: 'ignore' });
    return readFileSync(trace, 'utf8');
  };
  try {
    const said = (await traced('up', '-f', file)) + (await traced('status', '-f', file));
    assert.match(said, /openat\(.*main\.js/, 'what is opened is seen');
    assert.doesNotMatch(said, /nats/i);
    assert.doesNotMatch(said, /socket\(AF_INET6?, SOCK_STREAM/);
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
});
