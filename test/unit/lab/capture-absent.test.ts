/** Links that a capture waits for are looked for until they are back, or nothing of their lab is left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Absent, type AbsentListener } from '../../../src/lab/capture/absent.ts';
import type { LabLinks } from '../../../src/lab/links/of-lab.ts';
import type { LinkStatus, StatusReport } from '../../../src/plan/status/status.ts';

const TIMES = { lookMs: 1, removedMs: 20 };
const HERE = {} as LinkStatus['observed'];

function linkOf(link: string, observed: LinkStatus['observed'] = HERE): LinkStatus {
  return { link, observed } as LinkStatus;
}

/** A lab as it is at one look after the other; the last one repeats. An error stands for a look that fails. */
function labOf(looks: readonly (readonly LinkStatus[] | Error)[]): LabLinks {
  let at = 0;
  const look = async (): Promise<Partial<StatusReport>> => {
    const links = looks[Math.min(at, looks.length - 1)] ?? [];
    at += 1;
    if (links instanceof Error) throw links;
    return { links, bridges: [] };
  };
  return { look } as unknown as LabLinks;
}

function listen(looks: Parameters<typeof labOf>[0]) {
  const back: string[] = [];
  let resolve: (how: 'removed' | 'back') => void = () => {};
  const over = new Promise<'removed' | 'back'>((given) => {
    resolve = given;
  });
  const listener: AbsentListener = {
    isBack: (link) => {
      if (link.observed === null) return false;
      back.push(link.link);
      resolve('back');
      return true;
    },
    onRemoved: () => resolve('removed'),
  };
  return { absent: new Absent(labOf(looks), listener, TIMES), back, over };
}

test('a link that is there again is taken up once', async () => {
  const {
    absent: looker,
    back,
    over,
  } = listen([[linkOf('b:eth0')], new Error('no engine'), [linkOf('a:eth0'), linkOf('b:eth0')]]);
  looker.add('a:eth0');
  assert.equal(await over, 'back');
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(back, ['a:eth0']);
  await looker[Symbol.asyncDispose]();
});

test('a lab of which nothing is left for some time is removed', async () => {
  const { absent: looker, back, over } = listen([[linkOf('a:eth0', null)], []]);
  looker.add('a:eth0');
  assert.equal(await over, 'removed');
  assert.deepEqual(back, []);
  await looker[Symbol.asyncDispose]();
});

test('looks that fail are no proof that a lab is gone, and waiting ends at once', async () => {
  const { absent: looker, over } = listen([new Error('no engine')]);
  looker.add('a:eth0');
  const first = await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 60, 'still waiting'))]);
  assert.equal(first, 'still waiting');
  await looker[Symbol.asyncDispose]();
});
