/** Devices whose other ends go with their namespace, which the kernel takes apart when it gets round to it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

/** The kernel takes namespaces apart in turn: so many keep it busy for longer than `up` takes. */
const BEFORE = 3000;

/** Ends a namespace so that what is tied to it stays for a while. */
async function endSlowly(netns: string): Promise<void> {
  const prefix = uniqueName('go');
  const names = Array.from({ length: BEFORE }, (_, at) => `${prefix}${at}`);
  const batch = (verb: string) =>
    execa('ip', ['-batch', '-'], { input: names.map((name) => `netns ${verb} ${name}\n`).join('') });
  try {
    await batch('add');
  } finally {
    await batch('del');
  }
  await execa('ip', ['netns', 'del', netns]);
}

const removeNetns = async (netns: string): Promise<void> => {
  await execa('ip', ['netns', 'del', netns], { reject: false });
};

const configurationOf = (lab: TestLab, mode: string) => ({
  bridges: [{ bridge: 'w', mode }],
  links: [
    { netns: lab.node('a').name, dev: 'eth0', bridge: 'w', ip: '10.0.0.1/24', mac: '02:00:00:00:0a:01' },
    { netns: lab.node('b').name, dev: 'eth0', bridge: 'w', ip: '10.0.0.2/24' },
  ],
});

describe('an end whose other end is going with its namespace', needs('root', 'program:ip', 'program:ping'), () => {
  for (const [mode, whose] of [
    ['direct', 'of a node that was started anew'],
    ['linux', 'of bridges that somebody removed'],
  ] as const) {
    it(`${mode}, ${whose}: is made anew`, async () => {
      await using lab = testLab('netns', 'go');
      // A namespace that the lab did not make stays when the lab goes.
      await using _ours = { [Symbol.asyncDispose]: () => removeNetns(lab.node('b').name) };
      const configuration = configurationOf(lab, mode);
      const b = lab.node('b');
      assert.deepEqual((await lab.up(configuration)).failures, []);
      await endSlowly(mode === 'direct' ? b.name : lab.switches.name);
      if (mode === 'direct') await execa('ip', ['netns', 'add', b.name]);
      assert.deepEqual((await lab.up(configuration)).failures, []);
      await b.exec('ping', '-c', '1', '-W', '5', '10.0.0.1');
      const again = await lab.up(configuration);
      assert.deepEqual([again.links.unchanged, again.failures], [2, []]);
    });
  }
});
