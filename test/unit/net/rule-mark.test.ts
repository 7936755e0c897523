import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ownerOf, ruleComment, ruleMarkOf } from '../../../src/net/rule-mark.ts';

test('a comment says whose a rule is and what it does, in words that every tool takes', () => {
  const owner = ownerOf('netns/r1:eth0');
  assert.equal(owner, 'netns/r1:eth0');
  const comment = ruleComment({ lab: 'web', owner, text: 'nat 10.0.0.1 10.0.0.2' });
  assert.equal(comment, 'linkloom/1 web netns/r1:eth0 nat 10.0.0.1 10.0.0.2');
  assert.deepEqual(ruleMarkOf(comment), { lab: 'web', owner, text: 'nat 10.0.0.1 10.0.0.2' });
});

test('is nobody else’s', () => {
  for (const comment of [
    '',
    'linkloom/1',
    'linkloom/1 web',
    'linkloom/1 web owner',
    'linkloom/2 web owner text',
    'dns',
  ]) {
    assert.equal(ruleMarkOf(comment), null, comment);
  }
});

test('any link has an owner word that fits, is safe, and is its own', () => {
  const name = fc.string({ minLength: 1, maxLength: 220 });
  fc.assert(
    fc.property(name, name, (a, b) => {
      const [one, other] = [ownerOf(a), ownerOf(b)];
      assert.match(one, /^#[0-9a-f]{32}$|^[A-Za-z0-9_.!~*()%:/-]{1,64}$/);
      assert.equal(one === other, a === b);
      const longest = { lab: 'l'.repeat(63), owner: one, text: `nat ${'f'.repeat(39)} ${'f'.repeat(39)}` };
      assert.ok(ruleComment(longest).length <= 254);
    }),
  );
});
