/** Verbs for the namespaces of `nodes:`: who they are, and waiting for what they have. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

describe('verbs for namespaces', { timeout: 180_000, ...needs('root', 'program:ip') }, () => {
  const lab = uniqueName('n');
  let folder: Folder | undefined;
  let file = '';
  before(async () => {
    folder = temporaryFolder('nodes');
    file = join(folder.path, 'lab.yaml');
    await writeFile(
      file,
      `lab: ${lab}
nodes:
  r1: {labels: {role: spine}}
  r2: {}
wires: [[r1:eth1, r2:eth1]]
addressing: {wires: {pool: 10.1.0.0/16}}
`,
    );
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder?.[Symbol.dispose]();
  });

  const wait = (...words: string[]) => linkloom(['wait', ...words]);

  it('wait says which nodes do not run, and exits 1 when the time is over', async () => {
    const ran = await wait('-f', file, '--timeout', '0.2');
    assert.deepEqual([ran.exitCode, ran.stdout], [1, '']);
    assert.match(ran.stderr, /^ERROR: not within 0\.2 s: r1 does not run; r2 does not run\n/);
    const unknown = await wait('-f', file, 'r3');
    assert.match(unknown.stderr, /^ERROR: lab \w+ has no node r3/m);
  });

  it('wait ends when the links are there', async () => {
    await using waiting = startLinkloom(['wait', '-f', file, '--json']);
    await waiting.until(/Waiting: r1 does not run; r2 does not run/);
    assert.equal((await linkloom(['up', '-f', file])).exitCode, 0);
    assert.equal((await waiting.child).exitCode, 0, waiting.output());
    assert.match(waiting.output(), /"nodes":\["r1","r2"\]/);
  });

  it('wait sees a link that is down or not as wanted, with a configuration and by marks', async () => {
    assert.equal((await wait('--lab', lab, '--timeout', '20')).exitCode, 0);
    await openNetns(`${lab}.r1`).exec('ip', 'link', 'set', 'eth1', 'mtu', '1400');
    const drifted = await wait('-f', file, 'r1', '--timeout', '0.2');
    assert.match(drifted.stderr, /r1:eth1 is not as wanted: mtu/);
    await openNetns(`${lab}.r1`).exec('ip', 'link', 'set', 'eth1', 'down');
    const down = await wait('--lab', lab, '--links', '--timeout', '0.2');
    assert.match(down.stderr, /r1:eth1 is DOWN/);
    assert.equal((await linkloom(['up', '-f', file])).exitCode, 0);
    assert.equal((await wait('-f', file)).exitCode, 0);
  });

  it('wait knows addresses, listeners and files, of all nodes or of one', async () => {
    assert.equal((await wait('-f', file, '--address', 'r1=10.1.0.0', '--address', 'r2=10.1.0.1')).exitCode, 0);
    const wrong = await wait('--lab', lab, '--address', '10.1.0.0', '--path', '/no/such', '--timeout', '0');
    assert.equal(
      wrong.stderr.split('\n')[0],
      'ERROR: not within 0 s: r2: has no address 10.1.0.0; r1: there is no /no/such; r2: there is no /no/such',
    );
    // It ends with the program that started it.
    const ends = 'const parent = process.ppid; setInterval(() => process.ppid === parent || process.exit(), 100)';
    const program = `require('net').createServer().listen(8080); ${ends}`;
    await using server = startLinkloom(['exec', `${lab}.r2`, '--', process.execPath, '-e', program]);
    const served = await wait('-f', file, '--port', 'r2:8080', '--path', `r1:${file}`);
    assert.equal(served.exitCode, 0, served.stderr + server.output());
    assert.match((await wait('r1', 'r2', '--port', '8080', '--timeout', '0')).stderr, /: r1: nothing listens on 8080/);
  });

  it('wait refuses to wait for the health of what has no health check', async () => {
    const ran = await wait('-f', file, '--healthy');
    assert.deepEqual([ran.exitCode, ran.stdout], [1, '']);
    assert.match(ran.stderr, /it has no health check/);
  });

  it('inventory names each node, how it is reached and what is missing', async () => {
    const yaml = parse((await linkloom(['inventory', '-f', file])).stdout);
    const { hosts, children } = yaml.all;
    assert.deepEqual(Object.keys(hosts), ['r1', 'r2']);
    assert.deepEqual(hosts.r1.linkloom_addresses, ['10.1.0.0/31']);
    assert.deepEqual(Object.keys(children), ['namespaces']);
    const document = JSON.parse((await linkloom(['inventory', '--lab', lab, '--json'])).stdout);
    assert.deepEqual(
      document.nodes.map(({ name, kind, realName }: Record<string, string>) => [name, kind, realName]),
      [
        ['r1', 'netns', `${lab}.r1`],
        ['r2', 'netns', `${lab}.r2`],
      ],
    );
    const some = JSON.parse((await linkloom(['inventory', '-f', file, '--json', '*2'])).stdout);
    assert.equal(some.nodes.length, 1);
  });
});
