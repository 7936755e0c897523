/** `check` as a user calls it, on namespaces: each kind works, fails with its reason, and is not reached. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

/** A server that answers /ok, /slow (never) and else 404, on IPv4 and IPv6. */
const SERVER = `
require('node:http').createServer((request, response) => {
  if (request.url === '/slow') return;
  response.statusCode = request.url === '/ok' ? 200 : 404;
  response.end(request.url === '/ok' ? 'all is well at ' + request.headers.host : 'nothing here');
}).listen(8080, '::');
require('node:net').createServer((socket) => socket.end('SSH-2.0-none\\n')).listen(2222, '::');
`;

interface Told {
  readonly held: boolean;
  readonly checks: readonly { readonly name: string; readonly held: boolean; readonly failures: readonly Failed[] }[];
  readonly allPairs: { readonly pairs: number; readonly reached: number } | null;
}
interface Failed {
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

describe('check', { timeout: 180_000, ...needs('root', 'program:ip') }, () => {
  const lab = uniqueName('chk');
  const quiet = ['--progress', 'quiet'];
  let folder: Folder | undefined;
  const path = (name: string): string => join(folder?.path ?? '', name);
  /** a and b are neighbours, c is behind b, which passes on. */
  const base = (): string =>
    `lab: ${lab}
addressing: {wires: {pool: 10.66.0.0/24}, wires6: {pool: "fd66::/64"}, loopbacks: {pool: 10.67.0.0/24}}
nodes:
  a: {}
  b: {run: [{name: web, command: ["${process.execPath}", "${path('server.cjs')}"]}]}
  c: {}
wires:
  - {ends: [a:eth1, b:eth1], mtu: 1500}
  - {ends: [b:eth2, c:eth1], mtu: 1500}
`;
  before(async () => {
    folder = temporaryFolder('check');
    writeFileSync(path('server.cjs'), SERVER);
    writeFileSync(path('lab.yaml'), base());
    const ran = await linkloom(['up', '-f', path('lab.yaml'), ...quiet]);
    assert.equal(ran.exitCode, 0, ran.stderr);
  });
  after(async () => {
    await linkloom(['down', '--lab', lab, ...quiet]);
    folder?.[Symbol.dispose]();
  });

  /** Runs checks, given as YAML, and returns what `--json` says. */
  async function told(checks: string, ...args: readonly string[]): Promise<Told> {
    writeFileSync(path('checks.yaml'), `checks:\n${checks}`);
    const ran = await linkloom([
      'check',
      '-f',
      path('lab.yaml'),
      '-f',
      path('checks.yaml'),
      '--json',
      ...quiet,
      ...args,
    ]);
    const document = JSON.parse(ran.stdout || '{}') as Told;
    assert.equal(ran.exitCode, document.held ? 0 : 1, ran.stdout + ran.stderr);
    return document;
  }
  const whys = ({ checks }: Told): readonly string[] =>
    checks.flatMap(({ name, failures }) => failures.map(({ from, to, why }) => `${name}: ${from} ${to}: ${why}`));

  it('holds where all is reached, by each kind and both versions of IP', async () => {
    const report = await told(`
  - {from: a, to: b:eth1, within: 20s}
  - {from: a, to: [b:eth1, "fd66::1"], ping: {count: 3, size: 1452}}
  - {from: a, to: b:eth1, family: 6, ping: {size: 1452, dont-fragment: true}}
  - {from: a, to: b:eth1, ping: {size: 20000}}
  - {from: a, to: b:eth1, tcp: 8080, within: 20s}
  - {from: a, to: b:eth1, tcp: 8080, family: 6}
  - {from: a, http: "http://10.66.0.1:8080/ok", contains: "all is well at 10.66.0.1:8080", within: 20s}
  - {from: a, to: b:eth1, http: "http://www.lab.test:8080/ok", contains: "at www.lab.test:8080"}
  - {from: a, http: "http://[fd66::1]:8080/none", status: 404, lacks: well, matches: "^nothing"}
  - {from: "*", run: [ip, -brief, address, show, lo], contains: 10.67.0., matches: "^lo "}
  - {from: a, run: "echo $0; exit 3", status: 3}
  - {from: b, to: b, tcp: 8080}
`);
    assert.deepEqual(whys(report), []);
    assert.equal(report.checks.length, 12);
  });

  it('says why what is wanted is not so', async () => {
    const report = await told(
      `
  - {name: route, from: a, to: c, within: 0s}
  - {name: closed, from: a, to: b:eth1, tcp: 81, within: 0s}
  - {name: large, from: a, to: b:eth1, ping: {size: 1473, dont-fragment: true}, within: 0s}
  - {name: status, from: a, to: b:eth1, http: "http://x:8080/none", within: 0s}
  - {name: body, from: a, to: b:eth1, http: "http://x:8080/ok", contains: ill, within: 0s}
  - {name: slow, from: a, to: b:eth1, http: "http://x:8080/slow", within: 0s, timeout: 500ms}
  - {name: no-http, from: a, to: b:eth1, http: "http://x:2222/", within: 0s}
  - {name: exit, from: a, run: "echo much; echo bad >&2; exit 7", within: 0s}
  - {name: print, from: a, run: [echo, "is down"], contains: up, within: 0s}
  - {name: long, from: a, run: [sleep, "60"], within: 0s, timeout: 300ms}
  - {name: gone, from: a, run: [no-such-program], within: 0s}
  - {name: reached, from: a, to: b:eth1, reachable: false, within: 0s}
  - {name: dev, from: a, to: b:eth7, within: 0s}
`,
    );
    assert.deepEqual(whys(report), [
      'route: a c: no route: the node has none to this address',
      'closed: a b:eth1: refused: nothing listens there',
      'large: a b:eth1: too large for the MTU of the way',
      'status: a b:eth1: status 404, not below 400',
      'body: a b:eth1: the body is "all is well at x:8080" and does not have "ill"',
      'slow: a b:eth1: no answer within 500 ms',
      'no-http: a b:eth1: what answers speaks no HTTP (HPE_INVALID_CONSTANT)',
      'exit: a : exit status 7, not 0: bad',
      'print: a : what it prints is "is down" and does not have "up"',
      'long: a : has not ended within 0.3 s',
      'gone: a : there is no program no-such-program in PATH',
      'reached: a b:eth1: it is reached',
      'dev: a b:eth7: b has no link eth7',
    ]);
  });

  it('tells silence, a router’s word and a loop from one another', async () => {
    const [a, b, c] = [openNetns(`${lab}.a`), openNetns(`${lab}.b`), openNetns(`${lab}.c`)];
    await a.exec('ip', 'route', 'add', '10.70.0.0/16', 'via', '10.66.0.1');
    for (const node of [b, c]) await node.exec('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    await b.exec('ip', 'route', 'add', 'prohibit', '10.70.1.0/24');
    await b.exec('ip', 'route', 'add', 'unreachable', '10.70.2.0/24');
    await b.exec('ip', 'route', 'add', 'blackhole', '10.70.3.0/24');
    await b.exec('ip', 'route', 'add', '10.70.4.0/24', 'via', '10.66.0.3');
    for (const net of ['10.70.4.0/24', '10.66.0.0/31']) await c.exec('ip', 'route', 'add', net, 'via', '10.66.0.2');
    const reasons = whys(
      await told(
        [1, 2, 3, 4]
          .map((net) => `  - {name: n${net}, from: a, to: 10.70.${net}.1, within: 0s, timeout: 500ms}\n`)
          .join(''),
      ),
    );
    assert.deepEqual(reasons, [
      'n1: a 10.70.1.1: prohibited (says 10.66.0.1)',
      'n2: a 10.70.2.1: nobody answers for the address on its link (says 10.66.0.1)',
      'n3: a 10.70.3.1: no answer within 500 ms',
      'n4: a 10.70.4.1: the packet was passed on too often: a loop of routes (says 10.66.0.3)',
    ]);
  });

  it('waits within its time for what comes, and for what goes', async () => {
    const c = openNetns(`${lab}.c`);
    const begun = told('  - {from: b, to: c, within: 20s}\n');
    setTimeout(() => void openNetns(`${lab}.b`).exec('ip', 'route', 'add', '10.67.0.3/32', 'via', '10.66.0.3'), 2000);
    assert.deepEqual(whys(await begun), []);
    const ending = told('  - {from: b, to: c, reachable: false, within: 20s, for: 1s, timeout: 200ms}\n');
    setTimeout(() => void c.exec('ip', 'link', 'set', 'eth1', 'down'), 2000);
    assert.deepEqual(whys(await ending), []);
    await c.exec('ip', 'link', 'set', 'eth1', 'up');
  });

  it('chooses checks by name and nodes by --from, and says what is not known', async () => {
    const checks = '  - {name: one, from: "*", to: b:eth1, within: 0s}\n  - {name: two, from: a, run: "true"}\n';
    assert.deepEqual(
      (await told(checks, 't*')).checks.map(({ name }) => name),
      ['two'],
    );
    const some = await told(checks, '--from', 'a');
    assert.deepEqual(
      some.checks.map(({ name, held }) => [name, held]),
      [
        ['one', true],
        ['two', true],
      ],
    );
    const args = ['check', '-f', path('lab.yaml'), '-f', path('checks.yaml'), ...quiet];
    const wrong = await linkloom([...args, 'tow']);
    assert.deepEqual(
      [wrong.exitCode, /no check is called tow[\s\S]*did you mean two/.test(wrong.stderr)],
      [1, true],
      wrong.stderr,
    );
    const nobody = await linkloom([...args, '--from', 'x']);
    assert.deepEqual([nobody.exitCode, /no node of the lab is called x/.test(nobody.stderr)], [1, true], nobody.stderr);
    const none = await linkloom(['check', '-f', path('lab.yaml'), ...quiet]);
    assert.deepEqual([none.exitCode, /has no checks/.test(none.stderr)], [1, true], none.stderr);
  });

  it('tells people what failed, where it is written, and CI by JUnit', async () => {
    writeFileSync(
      path('checks.yaml'),
      'checks:\n  - {from: a, to: b:eth1}\n  - {name: shut, from: a, to: b:eth1, tcp: 81, within: 0s}\n',
    );
    const files = ['-f', path('lab.yaml'), '-f', path('checks.yaml')];
    const ran = await linkloom(['check', ...files, '--junit', path('out.xml'), ...quiet]);
    assert.equal(ran.exitCode, 1);
    const place = `${path('checks.yaml')}:3:5`;
    assert.equal(
      ran.stdout,
      `FAILED: ${place}: shut\n    a to b:eth1: refused: nothing listens there\nlab ${lab}: 2 checks: 1 ok, 1 failed\n`,
    );
    const xml = readFileSync(path('out.xml'), 'utf8');
    assert.match(xml, new RegExp(`<testsuite name="checks of ${lab}" tests="2" failures="1"`));
    assert.match(xml, /<failure type="tcp" message="a to b:eth1: refused: nothing listens there">/);
  });

  it('is part of up --check, and keeps run from its program', async () => {
    const fit = '  - {name: fit, from: a, to: b:eth1}\n';
    const unfit = '  - {name: unfit, from: a, to: b:eth1, tcp: 81, within: 0s}\n';
    const files = ['-f', path('lab.yaml'), '-f', path('checks.yaml')];
    for (const [checks, status, failures] of [[fit, 0, 0] as const, [fit + unfit, 1, 1] as const]) {
      writeFileSync(path('checks.yaml'), `checks:\n${checks}`);
      const ran = await linkloom([
        'up',
        ...files,
        '--verify',
        '--check',
        '--json',
        '--junit',
        path('up.xml'),
        ...quiet,
      ]);
      assert.equal(ran.exitCode, status, ran.stderr);
      const { check, verify } = JSON.parse(ran.stdout);
      assert.deepEqual([verify.proved, check.held, check.counts.failed], [true, failures === 0, failures]);
      const suites = [...readFileSync(path('up.xml'), 'utf8').matchAll(/<testsuite name="(\w+) of/g)].map(
        ([, what]) => what,
      );
      assert.deepEqual(suites, ['wiring', 'checks']);
    }
    const run = ['run', ...files, ...quiet, '--'];
    const kept = await linkloom([...run, 'echo', 'ran']);
    assert.deepEqual([kept.exitCode, kept.stdout], [125, ''], kept.stderr);
    assert.match(
      kept.stderr,
      /FAILED: [^\n]+: unfit\n {4}a to b:eth1: refused[\s\S]*the lab does not do what it should/,
    );
    const forced = await linkloom(['run', ...files, '--no-check', ...quiet, '--', 'echo', 'ran']);
    assert.deepEqual([forced.exitCode, forced.stdout], [0, 'ran\n'], forced.stderr);
  });

  it('tries every pair, by loopbacks and by marks, and ends with the whole', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => openNetns(`${lab}.${name}`));
    await a?.exec('ip', 'route', 'replace', '10.67.0.0/24', 'via', '10.66.0.1');
    await b?.exec('ip', 'route', 'replace', '10.67.0.1/32', 'via', '10.66.0.0');
    await b?.exec('ip', 'route', 'replace', '10.67.0.3/32', 'via', '10.66.0.3');
    const args = ['check', '-f', path('lab.yaml'), '--all-pairs', ...quiet];
    const ran = await linkloom([...args, '--within', '0', '--junit', path('pairs.xml')]);
    assert.equal(ran.exitCode, 1, ran.stderr);
    assert.match(ran.stdout, /^FAILED: c reaches none of 2\n {4}not a, b: no route: /m);
    assert.match(ran.stdout, /: 2 of 6 pairs of loopbacks reached, 3 nodes, /);
    const xml = readFileSync(path('pairs.xml'), 'utf8');
    assert.match(xml, new RegExp(`<testsuite name="pairs of ${lab}" tests="3" failures="3"`));
    setTimeout(() => void c?.exec('ip', 'route', 'add', '10.67.0.0/24', 'via', '10.66.0.2'), 1500);
    const whole = await linkloom([...args, '--within', '30', '--json']);
    assert.deepEqual([whole.exitCode, (JSON.parse(whole.stdout) as Told).allPairs?.reached], [0, 6], whole.stderr);
    const one = await linkloom([...args, '--from', 'b', '--json']);
    assert.deepEqual((JSON.parse(one.stdout) as Told).allPairs?.pairs, 2);
    const marks = await linkloom(['check', '--lab', lab, '--all-pairs', '--from', 'b', ...quiet], { cwd: '/' });
    assert.match(marks.stdout, /reached, 1 node, /, marks.stderr);
    const cut = await told('  - {from: a, to: 10.99.0.1, within: 300s}\n', '--timeout', '1');
    assert.equal(cut.held, false);
  });
});
