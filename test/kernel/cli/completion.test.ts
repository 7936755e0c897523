/** Completion as the shells do it: each is started, and lines are typed into it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom } from '../../support/bin.ts';
import { completed } from '../../support/cli/typing.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

describe('completion', { timeout: 120_000 }, () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    it(`${shell} offers verbs, options, files, labs, nodes, links, shapes and formats, each where it belongs`, {
      ...needs('root', 'program:ip', `program:${shell}`, 'program:script'),
    }, async () => {
      await using folder = temporaryFolder('typing');
      writeFileSync(join(folder.path, 'wanted.yaml'), '');
      const lab = uniqueName('comp');
      const node = uniqueName('node');
      const namespaces = [`linkloom-${lab}`, `linkloom-${lab}.1`, node];
      const wired = uniqueName('wired');
      const links = [`${wired}a`, `${wired}b`].map((netns) => ({ netns, dev: 'eth0', bridge: 'lan' }));
      writeFileSync(join(folder.path, 'links.json'), JSON.stringify({ lab: wired, links }));
      const lines: readonly (readonly [typed: string, whole: string])[] = [
        ['linkloom gener', 'linkloom generate'],
        ['linkloom help veri', 'linkloom help verify'],
        ['linkloom plan --detai', 'linkloom plan --detailed-exitcode'],
        ['linkloom up -f wan', 'linkloom up -f wanted.yaml'],
        ['linkloom validate --network-file wan', 'linkloom validate --network-file wanted.yaml'],
        ['linkloom -f wan', 'linkloom -f wanted.yaml'],
        [`linkloom down --lab ${lab.slice(0, -3)}`, `linkloom down --lab ${lab}`],
        [`linkloom exec ${node.slice(0, -3)}`, `linkloom exec ${node}`],
        [`linkloom exec ${node} -- mkfif`, `linkloom exec ${node} -- mkfifo`],
        [`linkloom set --lab ${wired} ${wired}a`, `linkloom set --lab ${wired} ${wired}a:eth0`],
        [`linkloom reset --lab=${wired} ${wired}a:e`, `linkloom reset --lab=${wired} ${wired}a:eth0`],
        [`linkloom verify -f links.json ${wired}b:`, `linkloom verify -f links.json ${wired}b:eth0`],
        [`linkloom capture --lab ${wired} x:y ${wired}b`, `linkloom capture --lab ${wired} x:y ${wired}b:eth0`],
        ['linkloom generate --nodes 3 toru', 'linkloom generate --nodes 3 torus'],
        ['linkloom bench circ', 'linkloom bench circulant'],
        ['linkloom generate ring --format ya', 'linkloom generate ring --format yaml'],
        ['linkloom graph merm', 'linkloom graph mermaid'],
        ['linkloom up --progress qui', 'linkloom up --progress quiet'],
        ['linkloom completion zs', 'linkloom completion zsh'],
      ];
      try {
        for (const name of namespaces) await execa('ip', ['netns', 'add', name]);
        const up = await linkloom(['up', '-f', join(folder.path, 'links.json')]);
        assert.equal(up.exitCode, 0, up.stderr);
        const typed = await completed(
          shell,
          lines.map(([line]) => line),
          folder.path,
        );
        assert.deepEqual(
          typed.map((line) => line.trimEnd()),
          lines.map(([, whole]) => whole),
        );
      } finally {
        await linkloom(['down', '--lab', wired]);
        for (const name of namespaces) await execa('ip', ['netns', 'del', name], { reject: false });
      }
    });
  }
});
