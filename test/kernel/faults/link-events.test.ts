/** What `up`, `down` and the daemon tell of each link, step by step, on the real kernel. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import type { LinkEvent } from '../../../src/events.ts';
import { subjectText } from '../../../src/subject.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { labOf } from '../../support/faults/labs.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { EACH_STEP, LinkMachine } from '../../support/model/link-machine.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

/** The steps among events that were told as JSON lines. */
function stepsIn(text: string): readonly LinkEvent[] {
  const events = text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  return events.filter((event): event is LinkEvent => EACH_STEP.has(event.type));
}

describe('steps of links', { timeout: 60_000, ...needs('root', 'program:ip') }, () => {
  const name = uniqueName('e');
  const lab = labOf(name, { nodes: 3, links: 4 });
  const input = JSON.stringify(lab);
  const links = lab.links.map((link) => `${link.netns}:${link.dev}`).sort();
  const told = async (...args: readonly string[]): Promise<Readonly<Record<string, string>>> => {
    const ran = await linkloom([...args, '--progress', 'json'], args[0] === 'down' ? {} : { input });
    assert.equal(ran.exitCode, 0, ran.stderr);
    const machine = new LinkMachine();
    for (const event of stepsIn(ran.stderr)) machine.tell(event);
    return machine.endOfPass();
  };
  const each = (steps: string) => Object.fromEntries(links.map((link) => [link, steps]));

  it('up makes each link once, finds it in order, mends one; down removes each', async () => {
    try {
      assert.deepEqual(await told('up', '-f', '-'), each('wanted begun made'));
      assert.deepEqual(await told('up', '-f', '-'), each('wanted'));
      const [first = ''] = links;
      const [netns = '', dev = ''] = first.split(':');
      await execa('ip', ['-n', netns, 'link', 'set', dev, 'mtu', '1300']);
      assert.deepEqual(await told('up', '-f', '-'), { ...each('wanted'), [first]: 'wanted begun changed' });
      assert.deepEqual(await told('down', '--lab', name), each('begun removed'));
    } finally {
      await linkloom(['down', '--lab', name]);
    }
  });

  it('the daemon tells drift, then what it does about it, then that it is mended', async () => {
    using folder = temporaryFolder('steps');
    const file = join(folder.path, 'lab.json');
    await writeFile(file, input);
    await using daemon = startLinkloom(['daemon', '-f', file, '--progress', 'json']);
    try {
      await daemon.until(/"type":"connected"/);
      const [first = ''] = links;
      const [netns = '', dev = ''] = first.split(':');
      await execa('ip', ['-n', netns, 'link', 'set', dev, 'mtu', '1300']);
      await daemon.until(/"type":"mended".*\n/);
      const steps = stepsIn(daemon.output()).filter(({ subject }) => subjectText(subject) === first);
      assert.deepEqual(
        steps.flatMap(({ type }) => (type === 'wanted' ? [] : [type])),
        ['begun', 'made', 'drifted', 'begun', 'changed', 'mended'],
      );
      assert.match(steps.find(({ type }) => type === 'drifted')?.cause ?? '', /mtu 1300/);
    } finally {
      daemon.child.kill('SIGTERM');
      await daemon.child;
      await linkloom(['down', '--lab', name]);
    }
  });
});
