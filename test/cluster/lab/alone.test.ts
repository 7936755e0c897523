/** 12: without --store nothing of NATS is touched, and a lab on one host does what it would do without any code for several. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { withAndWithoutHosts } from '../../../scripts/cluster/without-hosts.ts';
import { BIN, linkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

/** Calls by which threads wait for one another and wake each other, and by which memory comes and goes: their number is another one each time. And the sum of all. */
const BY_CHANCE = new Set(
  'futex sched_yield epoll_pwait read write brk mmap munmap mprotect madvise restart_syscall total'.split(' '),
);
const ROUNDS = 3;

/** A file of a lab of two links, in a folder. */
function labIn(folder: string): { readonly lab: string; readonly file: string } {
  const lab = uniqueName('q');
  const file = join(folder, 'lab.json');
  const links = ['a', 'b'].map((node) => ({ netns: `${lab}${node}`, bridge: 'lan', dev: 'eth0' }));
  writeFileSync(file, JSON.stringify({ lab, links }));
  return { lab, file };
}

test('12. a lab on one host opens no file and no socket of the store', needs('root', 'program:strace'), async () => {
  using folder = temporaryFolder('alone');
  const { lab, file } = labIn(folder.path);
  const trace = join(folder.path, 'trace');
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

test(
  '12. a lab on one host makes the system calls that it would make without code for several',
  needs('root', 'program:strace'),
  async () => {
    using folder = temporaryFolder('alone');
    const { lab, file } = labIn(folder.path);
    const { whole, without } = withAndWithoutHosts(join(folder.path, 'programs'));
    const counts = join(folder.path, 'counts');
    const env = { XDG_CACHE_HOME: join(folder.path, 'cache') };
    const counted = async (program: string, words: readonly string[]): Promise<ReadonlyMap<string, number>> => {
      const strace = ['-f', '-qq', '-c', '-U', 'name,calls', '-o', counts, process.execPath, program];
      await execa('strace', [...strace, ...words], { stdin: 'ignore', env });
      const lines = [...readFileSync(counts, 'utf8').matchAll(/^(\w+) +(\d+)$/gm)];
      return new Map(
        lines.flatMap(([, name = '', calls]) => (BY_CHANCE.has(name) ? [] : [[name, Number(calls)] as const])),
      );
    };
    const up = ['up', '-f', file];
    const verbs = { up, 'up again': up, plan: ['plan', '-f', file], status: ['status', '-f', file] };
    const least = new Map<string, Map<string, number>>();
    try {
      // The first round has V8 keep its code.
      for (let round = -1; round < ROUNDS; round++) {
        for (const program of [whole, without]) {
          for (const [verb, words] of Object.entries(verbs)) {
            const calls = await counted(program, words);
            if (round >= 0) keepLeast(least, `${program === whole ? 'whole' : 'without'} ${verb}`, calls);
          }
          await execa(process.execPath, [program, 'down', '--lab', lab], { stdin: 'ignore', env });
        }
      }
      for (const verb of Object.keys(verbs)) {
        const [own, other] = [least.get(`whole ${verb}`), least.get(`without ${verb}`)];
        assert.ok((own?.get('openat') ?? 0) > 10, `the calls of ${verb} are seen`);
        assert.deepEqual(own, other, verb);
      }
      const { stderr } = await execa(process.execPath, [without, 'hosts', '--store', 'nats://127.0.0.1:1'], {
        reject: false,
      });
      assert.match(stderr, /it is not here/, 'the other program has no code for several hosts');
    } finally {
      await linkloom(['down', '--lab', lab]);
    }
  },
);

function keepLeast(all: Map<string, Map<string, number>>, key: string, calls: ReadonlyMap<string, number>): void {
  const known = all.get(key);
  if (known === undefined) all.set(key, new Map(calls));
  else for (const [name, count] of calls) known.set(name, Math.min(count, known.get(name) ?? count));
}
