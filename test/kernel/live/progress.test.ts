/** What a person sees in a terminal while a lab comes and goes. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { labOf } from '../../support/faults/labs.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';
import { Tmux } from '../../support/terminal/tmux.ts';

it('up and down show their stages in one line, which is gone at the end', {
  timeout: 150_000,
  ...needs('root', 'program:tmux'),
}, async () => {
  using folder = temporaryFolder('progress');
  const name = uniqueName('p').slice(0, 8);
  const file = join(folder.path, 'lab.json');
  await writeFile(file, JSON.stringify(labOf(name, { nodes: 40, links: 240 })));
  try {
    await using up = await Tmux.linkloom(['up', '-f', file]);
    const making = await up.framesUntil(/^STATUS=0$/m);
    assert.ok(
      making.some((frame) => /^applying [█░]{20} \d+\/\d+ operations, \d+ %/m.test(frame)),
      making.join('\n--\n'),
    );
    const end = making.at(-1) ?? '';
    assert.match(end, new RegExp(`^lab ${name} up: 240 links wanted: 240 created`, 'm'));
    assert.ok(!end.includes('operations'), end);
    await using down = await Tmux.linkloom(['down', '--lab', name]);
    const removing = await down.framesUntil(/^STATUS=0$/m);
    const stages =
      /^(ending programs|looking for what the lab has|removing \(240 links\)|waiting until the kernel .*120 bridges)/m;
    assert.ok(
      removing.some((frame) => stages.test(frame)),
      removing.join('\n--\n'),
    );
    assert.match(removing.at(-1) ?? '', new RegExp(`^lab ${name} down: .*240 removed`, 'm'));
  } finally {
    await linkloom(['down', '--lab', name]);
  }
});
