/** The library from the packed package, in a project that has nothing else. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { packedProject } from '../../support/shipped/packed.ts';

test('a request is checked, and works in few words', () => {
  using project = packedProject('library', []);
  const script = `
    import { generate, load, planOffline } from 'linkloom';
    import { writeFileSync } from 'node:fs';
    const told = async (work) => { try { return await work(); } catch (error) { return error.code + ': ' + error.message; } };
    writeFileSync('lab.json', JSON.stringify(generate('line', { nodes: 3, lab: 'x' })));
    const plain = await load({ files: ['lab.json'] });
    const both = await load({ files: ['lab.json'], config: { links: [{ netns: 'n9', bridge: 'b9' }] }, defaultMtuBytes: 1400 });
    const { plan, pending } = await planOffline(generate('ring', { nodes: 4, lab: 'y' }));
    console.log(JSON.stringify([
      plain.lab, plain.links.length, both.links.length, both.links.at(-1).mtuBytes, plan.lab, plan.links.length, pending,
      await told(() => load({ file: ['lab.json'] })),
      await told(() => load({ bridges: [{ bridge: 'b', mode: 'no' }] })),
      await told(() => load({ files: ['nowhere.yaml'] })),
      await told(() => load({ env: { DOCKER_HOST: 'tcp://h' } })),
    ]));`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: project.path,
    encoding: 'utf8',
  });
  const [lab, links, more, mtu, other, planned, pending, ...told] = JSON.parse(out);
  assert.deepEqual([lab, links, more, mtu, other, planned, pending], ['x', 4, 5, 1400, 'y', 8, []]);
  assert.match(told[0], /^E_USAGE: a request has no 'file'/);
  assert.match(told[1], /^E_CONFIG: /);
  assert.match(told[2], /^E_(CONFIG|USAGE): /);
  assert.match(told[3], /^E_ENGINE: /);
});
