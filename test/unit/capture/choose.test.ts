import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkloomError } from '../../../src/errors.ts';
import { targetsOf } from '../../../src/lab/capture/targets.ts';
import { chooseLinks } from '../../../src/lab/links/choose.ts';
import type { NsId } from '../../../src/net/ns-id.ts';
import type { LinkStatus } from '../../../src/plan/status/status.ts';

function link(id: string, bridge: string | null, more: Partial<LinkStatus> = {}): LinkStatus {
  const dev = id.slice(id.lastIndexOf(':') + 1);
  const rest = {
    desired: null,
    observed: {} as LinkStatus['observed'],
    addresses: [],
    port: null,
    waits: false,
    drift: [],
    overrides: [],
  };
  return { link: id, ns: 'netns/x' as NsId, dev, bridge, ...rest, ...more };
}

const LINKS = [
  link('r1:eth0', 'lan'),
  link('r1:eth1', 'wan', { port: { ns: 'netns/linkloom-l' as NsId, dev: 'r1-eth1' } }),
  link('r2:eth0', 'lan'),
  link('p_web_1:eth0', 'lan', { ns: 'pid/7' as NsId }),
  link('p_web_2:eth0', null, { ns: 'pid/8' as NsId }),
  link('container/dup:eth0', null, { ns: 'pid/9' as NsId }),
];
const REPORT = { lab: 'l', links: LINKS };
const SERVICES = new Map([
  ['p_web_1', 'web'],
  ['p_web_2', 'web'],
]);

function chosen(...words: readonly string[]): readonly string[] {
  return chooseLinks(words, REPORT, SERVICES).map((each) => each.link);
}

function refused(word: string): LinkloomError {
  try {
    chosen(word);
  } catch (error) {
    if (error instanceof LinkloomError) return error;
  }
  return assert.fail(`${word} is not refused`);
}

test('links are chosen by name, glob, bridge, service and kind, each once', () => {
  assert.deepEqual(chosen('r1:eth0'), ['r1:eth0']);
  assert.deepEqual(chosen('r*:eth0'), ['r1:eth0', 'r2:eth0']);
  assert.deepEqual(chosen('r?:*', 'r1:eth0'), ['r1:eth0', 'r1:eth1', 'r2:eth0']);
  assert.deepEqual(chosen('*').length, LINKS.length);
  assert.deepEqual(chosen('bridge/lan'), ['r1:eth0', 'r2:eth0', 'p_web_1:eth0']);
  assert.deepEqual(chosen('bridge/*an'), ['r1:eth0', 'r1:eth1', 'r2:eth0', 'p_web_1:eth0']);
  assert.deepEqual(chosen('web:eth0'), ['p_web_1:eth0', 'p_web_2:eth0']);
  assert.deepEqual(chosen('netns/r1:eth0', 'container/p_web_1:eth0'), ['r1:eth0', 'p_web_1:eth0']);
  assert.deepEqual(chosen('dup:eth0'), ['container/dup:eth0']);
});

test('a word that stands for nothing is refused, with what was probably meant', () => {
  assert.match(refused('r1:eht0').hint ?? '', /did you mean r1:eth0\?/);
  assert.match(refused('bridge/lna').hint ?? '', /did you mean bridge\/lan\?/);
  assert.equal(refused('r1').code, 'E_USAGE');
  assert.match(refused('r1').hint ?? '', /r1:eth0.*'r1:\*'/);
  assert.match(refused('x*:eth0').message, /no link of lab l matches x\*:eth0/);
  assert.equal(refused('container/r1:eth0').code, 'E_NODE_MISSING');
});

test('on the port side links without a port are left out, and nothing is left of them alone', () => {
  assert.deepEqual(
    targetsOf(LINKS, 'port').map((target) => target.place?.dev),
    ['r1-eth1'],
  );
  assert.throws(() => targetsOf(LINKS.slice(0, 1), 'port'), { code: 'E_USAGE' });
});

test('devices that are not there yet are waited for only beside others', () => {
  const absent = link('r9:eth0', 'lan', { observed: null });
  assert.deepEqual(
    targetsOf([absent, ...LINKS.slice(0, 1)], 'node').map(({ place }) => place?.dev ?? null),
    [null, 'eth0'],
  );
  assert.throws(() => targetsOf([absent], 'node'), { code: 'E_NODE_MISSING' });
});
