/** What `checks:` come to, and what is wrong with them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { printConfig } from '../../../src/config/print.ts';
import { check, checkFiles, codedLines, folderOf } from './loading.ts';

const LAB = 'nodes: {r1: {}, r2: {}, web: {}}\nwires:\n  - [r1:eth1, r2:eth1]\n  - [r2:eth2, web:eth1]\n';
const withChecks = (checks: string): string => `${LAB}checks:\n${checks}`;
const none = { contains: null, lacks: null, matches: null };

async function specsOf(checks: string) {
  const { topology, diagnostics } = await check(withChecks(checks));
  assert.deepEqual(codedLines(diagnostics), []);
  return (topology.checks ?? []).map(({ where, ...spec }) => ({ ...spec, line: where()?.line }));
}

async function faultsOf(checks: string): Promise<readonly string[]> {
  return codedLines((await check(withChecks(checks))).diagnostics);
}

describe('a check', () => {
  test('is a ping unless it says something else, and has all defaults', async () => {
    assert.deepEqual(await specsOf('  - {from: r1, to: r2}\n'), [
      {
        name: 'ping from r1 to r2',
        from: ['r1'],
        to: [{ kind: 'node', node: 'r2', dev: null }],
        try: { kind: 'ping', count: 1, dataBytes: 56, dontFragment: false },
        ...{ family: null, isReachable: true, withinMs: 3000, forMs: 0, timeoutMs: 1000, line: 6 },
      },
    ]);
  });

  test('has targets of all kinds', async () => {
    const [spec] = await specsOf(
      '  - {from: [r1, "r*"], to: [r2, r2:eth1, 10.0.0.1, "FD00::0:1", netns/x, "*"]}\n'.replace('netns/x, ', ''),
    );
    assert.deepEqual(spec?.to, [
      { kind: 'node', node: 'r2', dev: null },
      { kind: 'node', node: 'r2', dev: 'eth1' },
      { kind: 'address', address: '10.0.0.1', family: 4 },
      { kind: 'address', address: 'fd00::1', family: 6 },
      { kind: 'node', node: '*', dev: null },
    ]);
  });

  test('has the values that are written', async () => {
    const specs = await specsOf(`
  - {name: big, from: r1, to: r2, ping: {count: 3, size: 1472, dont-fragment: true}, family: 6, within: 1m, for: 500ms, timeout: 2s}
  - {from: r1, to: web, tcp: 443, reachable: false}
  - {from: r1, http: "http://web:8080/a?b=1", status: 204, contains: ok, lacks: no, matches: "^x$"}
  - {from: r1, to: 10.0.0.1, http: /health}
  - {from: r1, to: 10.0.0.1, http: "https://www.lab.test/"}
  - {from: "r*", run: [vtysh, -c, show ip route], status: 1}
  - {from: r2, run: "echo a | cat"}
`);
    assert.deepEqual(
      specs.map(({ name, try: what }) => [name, what]),
      [
        ['big', { kind: 'ping', count: 3, dataBytes: 1472, dontFragment: true }],
        ['tcp 443 from r1 to web is not reached', { kind: 'tcp', port: 443 }],
        [
          'http http://web:8080/a?b=1 from r1 to web',
          {
            ...{ kind: 'http', isSecure: false, port: 8080, path: '/a?b=1', host: 'web:8080', status: 204 },
            body: { contains: 'ok', lacks: 'no', matches: '^x$' },
          },
        ],
        [
          'http /health from r1 to 10.0.0.1',
          { kind: 'http', isSecure: false, port: 80, path: '/health', host: null, status: null, body: none },
        ],
        [
          'http https://www.lab.test/ from r1 to 10.0.0.1',
          { kind: 'http', isSecure: true, port: 443, path: '/', host: 'www.lab.test', status: null, body: none },
        ],
        [
          'r*: vtysh -c show ip route',
          { kind: 'run', argv: ['vtysh', '-c', 'show ip route'], status: 1, output: none },
        ],
        ['r2: echo a | cat', { kind: 'run', argv: ['sh', '-c', 'echo a | cat'], status: 0, output: none }],
      ],
    );
    const [big, closed, url] = specs;
    assert.deepEqual([big?.family, big?.withinMs, big?.forMs, big?.timeoutMs], [6, 60_000, 500, 2000]);
    assert.deepEqual([closed?.isReachable, closed?.forMs, closed?.timeoutMs], [false, 2000, 3000]);
    assert.deepEqual(url?.to, [{ kind: 'node', node: 'web', dev: null }]);
  });

  test('without a name has one of its own', async () => {
    const specs = await specsOf(
      '  - {from: r1, to: r2}\n  - {from: r1, to: r2}\n  - {name: "ping from r1 to web", from: r1, to: r2}\n  - {from: r1, to: web}\n',
    );
    assert.deepEqual(
      specs.map(({ name }) => name),
      ['ping from r1 to r2', 'ping from r1 to r2 (2)', 'ping from r1 to web', 'ping from r1 to web (2)'],
    );
  });

  test('of several files are one list, and come back from what `config` prints', async () => {
    await using folder = await folderOf({
      'a.yaml': withChecks('  - {name: one, from: r1, to: r2, ping: {size: 9}}\n'),
      'b.yaml': 'checks:\n  - {name: two, from: r2, run: "echo $$x", contains: "$$x"}\n',
    });
    const files = ['a.yaml', 'b.yaml'].map((name) => join(folder.path, name));
    const loaded = await checkFiles({ cwd: folder.path, env: {}, files });
    assert.deepEqual(
      loaded.topology.checks?.map(({ name }) => name),
      ['one', 'two'],
    );
    const printed = printConfig(loaded.config, {
      format: 'yaml',
      lab: 'x',
      defaultBridgeMode: 'auto',
      defaultMtuBytes: 1500,
    });
    const again = await check(printed);
    const bare = (specs: typeof again.topology.checks) => specs?.map(({ where: _where, ...spec }) => spec);
    assert.deepEqual(bare(again.topology.checks), bare(loaded.topology.checks));
  });

  test('may stand in the x-network of a compose file, and name services, replicas, namespaces and the host', async () => {
    const { topology, diagnostics } = await check(`
services: {web: {image: x, x-network: {links: [{bridge: lan, ip: 10.0.0.1/24}]}}}
x-network:
  links: [{netns: n1, bridge: lan}, {host: true, dev: h0, bridge: lan}]
  checks:
    - {from: [web, container/x-web-2, n1, netns/n1, host, "x-web-*"], to: [web:eth0, host:h0]}
`);
    assert.deepEqual(codedLines(diagnostics), []);
    assert.equal(topology.checks?.length, 1);
  });
});

describe('what is wrong with a check is told where it stands', () => {
  const cases: Readonly<Record<string, readonly [string, readonly string[]]>> = {
    'an unknown node': [
      '  - {from: r3, to: wbe}\n',
      [
        '[node-unknown] 6:12: error: checks[0]: from: no node is called "r3" (did you mean `r1`?)',
        '[node-unknown] 6:20: error: checks[0]: to: no node is called "wbe" (did you mean `web`?)',
      ],
    ],
    'an unknown node in a list, in a pattern and in a URL': [
      '  - {name: x, from: [r1, "s*"], to: [r2, rx:eth1]}\n  - {from: r1, http: "http://www/"}\n',
      [
        '[node-unknown] 6:26: error: check x: from: no node matches "s*" (correct the pattern)',
        '[node-unknown] 6:42: error: check x: to: no node is called "rx" (did you mean `r1`?)',
        '[node-unknown] 7:22: error: checks[1]: http: no node is called "www" (name a node of the lab: an entry of nodes:, a service, a container or a namespace)',
      ],
    ],
    'a bad address': [
      '  - {from: r1, to: [10.0.0.256, 10.0.0.1/24, "fe80::1", "fd00::g:1:2"]}\n',
      [
        '[address-invalid] 6:21: error: checks[0]: to: 10.0.0.256 is not an IPv4 address: each part goes from 0 to 255 (write an address, or the name of a node)',
        '[address-invalid] 6:33: error: checks[0]: to: 10.0.0.1/24 has a prefix length (write 10.0.0.1)',
        '[address-invalid] 6:46: error: checks[0]: to: fe80::1 is an address of one link, and no device is named (name NODE:DEV, whose other addresses are tried)',
        '[address-invalid] 6:57: error: checks[0]: to: fd00::g:1:2 is not an IPv6 address (write an address, or the name of a node)',
      ],
    ],
    'no target, and nothing to try': [
      '  - {from: r1}\n  - {from: r1, tcp: 80}\n  - {from: r1, http: /x}\n  - {to: r1}\n',
      [
        '[missing-key] 6:5: error: checks[0]: to is missing (say what is tried: to: NODE, or run: [PROGRAM, …])',
        '[missing-key] 7:5: error: checks[1]: to is missing (add to: NODE, NODE:DEV or an address)',
        '[missing-key] 8:5: error: checks[2]: to is missing (add to: NODE, NODE:DEV or an address)',
        '[missing-key] 9:5: error: checks[3]: from is missing',
      ],
    ],
    'two kinds, and keys of another kind': [
      '  - {from: r1, to: r2, tcp: 80, run: ls}\n  - {from: r1, to: r2, run: ls}\n  - {from: r1, to: r2, contains: x}\n  - {from: r1, to: r2, http: /, reachable: false, status: 200}\n',
      [
        '[keys-exclude] 6:38: error: checks[0]: tcp and run exclude each other (write two checks)',
        '[key-without-meaning] 7:20: error: checks[1]: to has no meaning for run (the program itself says what it reaches)',
        '[key-without-meaning] 8:34: error: checks[2]: contains has no meaning for ping (leave it out, or use http or run)',
        '[keys-exclude] 9:59: error: checks[3]: status is about an answer, and with reachable: false there is none (keep one of them)',
      ],
    ],
    'a wrong value': [
      '  - {from: r1, to: r2, within: 30, matches: "("}\n  - {from: r1, to: r2, tcp: 70000}\n  - {from: r1, to: r2, ping: {size: -1, cuont: 3}}\n  - {from: r1, to: r2, http: ftp://x/}\n  - {from: r1, run: a, matches: "("}\n',
      [
        '[check-value] 6:32: error: checks[0]: within "30" is no time: write 500ms, 10s or 1m30s',
        '[check-value] 6:45: error: checks[0]: matches "(" is no regular expression: Unterminated group',
        '[number-out-of-range] 7:29: error: checks[1]: tcp must be a whole number from 1 to 65535, not 70000',
        '[unknown-key] 8:41: error: checks[2]: unknown key "ping.cuont" (did you mean `count`?)',
        '[number-out-of-range] 8:37: error: checks[2]: ping.size must be a whole number from 0 to 65507, not -1',
        '[check-value] 9:30: error: checks[3]: http "ftp://x/" is no URL: write http://HOST:PORT/PATH, or /PATH and to:',
        '[check-value] 10:33: error: checks[4]: matches "(" is no regular expression: Unterminated group',
      ],
    ],
    'a key that nobody knows, and a check that is no map': [
      '  - {from: r1, too: r2, to: r2}\n  - r1\n',
      [
        '[unknown-key] 6:16: error: checks[0]: unknown key "too" (did you mean `to`?)',
        '[wrong-type] 7:5: error: checks[1] must be a map, not "r1" (write {from: a, to: b}, or the like)',
      ],
    ],
    'a name twice': [
      '  - {name: a, from: r1, to: r2}\n  - {name: a, from: r2, to: r1}\n',
      ['[check-name-twice] 7:12: error: check a: another check has this name (give each check its own, or none)'],
    ],
  };
  for (const [what, [checks, wanted]] of Object.entries(cases)) {
    test(what, async () => assert.deepEqual([...(await faultsOf(checks))].sort(), [...wanted].sort()));
  }

  test('checks under a service, and checks that are no list', async () => {
    const text = 'services: {web: {image: x, x-network: {checks: []}}}\nx-network: {checks: {a: b}}\n';
    const faults = codedLines((await check(text)).diagnostics);
    assert.match(
      faults.join('\n'),
      /^\[node-key-under-service\] 1:\d+: error: checks: has no meaning under a service/m,
    );
    assert.match(faults.join('\n'), /^\[wrong-type\] 2:\d+: error: checks must be a list/m);
  });
});
