/** Several lists of files on one lab: what another list made stays, until that is asked for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { markOf, withWord, wordOf } from '../../../src/net/mark.ts';
import { orphanWarnings } from '../../../src/plan/orphans/orphans.ts';
import { bringUp, opLines, planOn } from '../../support/model/planning.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';
const A: readonly Wanted[] = ['a', 'c'].map((node) => ({ node, dev: 'eth0', bridge: 'one' }));
const B: readonly Wanted[] = ['x', 'y'].map((node) => ({ node, dev: 'eth0', bridge: 'two' }));
const ORPHANS_OF_A = ['a:eth0', 'bridge one', 'c:eth0', 'netns a', 'netns c'];

const [a, b] = [networkOf(LAB, A), networkOf(LAB, B)];
const both = networkOf(LAB, [...A, ...B]);
const half = networkOf(LAB, A.slice(0, 1));

function filesOn(kernel: ModelKernel): string | null {
  const shard = kernel.dumps().find(({ ns }) => ns === `netns/linkloom-${LAB}`);
  return wordOf(shard?.links.find(({ ifname }) => ifname === 'lo')?.alias ?? '', 'files');
}

describe('orphans', () => {
  it('the list that made a lab is in the mark of its first switch namespace, also of one that is all direct', () => {
    for (const mode of ['linux', 'direct'] as const) {
      const kernel = new ModelKernel();
      bringUp(networkOf(LAB, A, { one: mode }), kernel, { files: 'aa' });
      assert.equal(filesOn(kernel), 'aa', mode);
    }
  });

  it('the same list removes what was taken out of it', () => {
    const kernel = new ModelKernel();
    bringUp(a, kernel, { files: 'aa' });
    const plan = bringUp(half, kernel, { files: 'aa' });
    assert.deepEqual([plan.removed, plan.orphans], [['c:eth0'], []]);
    assert.equal(filesOn(kernel), 'aa');
  });

  it('what was the same list before, in the life of a process, removes it, too, and writes its own', () => {
    const kernel = new ModelKernel();
    bringUp(a, kernel, { files: 'aa' });
    const plan = bringUp(half, kernel, { files: 'a2', filesBefore: ['a0', 'aa'] });
    assert.deepEqual([plan.removed, plan.orphans], [['c:eth0'], []]);
    assert.equal(filesOn(kernel), 'a2');
  });

  it('another list keeps it and tells, also from then on; neither list removes anything any more', () => {
    const kernel = new ModelKernel();
    bringUp(a, kernel, { files: 'aa' });
    const plan = bringUp(b, kernel, { files: 'bb' });
    assert.deepEqual([plan.removed, [...plan.orphans].sort()], [[], ORPHANS_OF_A]);
    assert.equal(filesOn(kernel), 'mixed');
    const again = planOn(b, kernel, { files: 'bb' }).plan;
    assert.deepEqual([opLines(again.ops), [...again.orphans].sort()], [[], ORPHANS_OF_A]);
    const back = bringUp(half, kernel, { files: 'aa' });
    assert.deepEqual(back.removed, []);
    assert.ok(back.orphans.includes('c:eth0') && back.orphans.includes('x:eth0'));
    assert.equal(filesOn(kernel), 'mixed');
    assert.deepEqual(opLines(planOn(both, kernel, { files: 'ab' }).plan.ops), [], 'both are whole');
  });

  it('--prune removes it, and the lab is that list’s own', () => {
    for (const before of ['other', 'mixed'] as const) {
      const kernel = new ModelKernel();
      bringUp(a, kernel, { files: 'aa' });
      if (before === 'mixed') bringUp(b, kernel, { files: 'bb' });
      const plan = bringUp(b, kernel, { files: 'bb', pruneOrphans: true });
      assert.deepEqual([[...plan.removed].sort(), plan.orphans], [['a:eth0', 'c:eth0'], []]);
      assert.equal(filesOn(kernel), 'bb');
      assert.deepEqual(opLines(planOn(b, kernel, { files: 'bb' }).plan.ops), []);
      assert.deepEqual(
        kernel.dumps().flatMap(({ ns }) => (/\/[ac]$/.test(ns) ? [ns] : [])),
        [],
      );
    }
  });

  it('another list that would remove nothing takes the lab over', () => {
    const kernel = new ModelKernel();
    bringUp(a, kernel, { files: 'aa' });
    bringUp(both, kernel, { files: 'ab' });
    assert.equal(filesOn(kernel), 'ab');
    assert.deepEqual(bringUp(a, kernel, { files: 'ab' }).removed.length, 2);
  });

  it('a lab whose mark says nothing of files, and a list that does not matter, remove as ever', () => {
    const kernel = new ModelKernel();
    bringUp(a, kernel);
    assert.equal(filesOn(kernel), null);
    assert.equal(bringUp(half, kernel, { files: 'aa' }).removed.length, 1);
    assert.equal(filesOn(kernel), 'aa');
    assert.equal(bringUp(b, kernel).removed.length, 1);
  });

  it('a warning for each, and of very many how many more', () => {
    const few = orphanWarnings(LAB, ['a:eth0', 'bridge one']);
    assert.deepEqual(
      few.map(({ message }) => message.split(' of ')[0]),
      ['a:eth0', 'bridge one'],
    );
    assert.match(few.at(-1)?.hint ?? '', /--prune/);
    const many = orphanWarnings(
      LAB,
      Array.from({ length: 10_000 }, (_, n) => `n${n}:eth0`),
    );
    assert.equal(many.length, 21);
    assert.match(many.at(-1)?.message ?? '', /^9980 more/);
  });
});

describe('further words of a mark', () => {
  const mark = 'linkloom/1 lab a lo';
  it('are read by those who know them, and passed by all others', () => {
    assert.deepEqual(markOf(`${mark} set=mtu files=aa`), markOf(mark));
    assert.equal(wordOf(`${mark} set=mtu files=aa`, 'files'), 'aa');
    assert.equal(wordOf(mark, 'files'), null);
    assert.equal(wordOf('linkloom/1 lab files=aa lo', 'files'), null);
  });
  it('stand once', () => {
    assert.equal(withWord(`${mark} files=aa set=mtu`, 'files', 'bb'), `${mark} set=mtu files=bb`);
  });
});
