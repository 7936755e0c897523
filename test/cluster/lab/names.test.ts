/** 10: one agent for a name; and a server that is too old is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunningSite } from '../../support/cluster/running.ts';
import { needs } from '../../support/needs.ts';

test(
  '10. a second agent of a name that lives is refused, on its host and on another, and the first goes on',
  needs('root', 'program:openssl'),
  async () => {
    await using running = await RunningSite.start();
    const { site } = running;
    const words = ['daemon', '--host', 'h2', ...site.storeWords({ host: 'h2' })];
    for (const host of ['h2', 'h3']) {
      const { exitCode, stdout, stderr } = await site.linkloom(host, ...words);
      assert.equal(exitCode, 1, `${stdout}${stderr}`);
      assert.match(stderr, /another agent speaks for the host h2/);
    }
    assert.ok(site.runs('agent', 'h2'));
    assert.deepEqual(await running.alive(), ['h1', 'h2', 'h3']);
    const asAnother = await site.linkloom(
      'h3',
      'daemon',
      '--host',
      'h1',
      ...site.storeWords({ host: 'h3' }),
      '--no-api',
    );
    assert.notEqual(asAnother.exitCode, 0, 'a key of h3 does not speak for h1');
  },
);
