import assert from 'node:assert/strict';
import { test } from 'node:test';
import { junitXml } from '../../../src/report/ci/junit.ts';

test('a suite has its cases and how many of them failed or were skipped', () => {
  const text = junitXml([
    {
      name: 'wiring',
      seconds: 1.5,
      cases: [
        { name: 'a:eth0', group: 'lab.lan' },
        { name: 'b:eth0', group: 'lab.lan', skipped: 'it is to be down', seconds: 0.25 },
        {
          name: 'c:eth0',
          group: 'lab.lan',
          failure: { kind: 'mtu', message: 'too small', details: 'too small\nwiden it' },
        },
      ],
    },
  ]);
  assert.equal(
    text,
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="wiring" tests="3" failures="1" errors="0" skipped="1" time="1.500">
    <testcase name="a:eth0" classname="lab.lan"/>
    <testcase name="b:eth0" classname="lab.lan" time="0.250">
      <skipped message="it is to be down"/>
    </testcase>
    <testcase name="c:eth0" classname="lab.lan">
      <failure type="mtu" message="too small">too small
widen it</failure>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

test('what XML does not have, or reads otherwise, is escaped', () => {
  const text = junitXml([{ name: '"<&>"', seconds: 0, cases: [{ name: 'a\x1b\n\ud800', group: '' }] }]);
  assert.match(text, /name="&quot;&lt;&amp;&gt;&quot;"/);
  assert.match(text, /name="a\u{fffd}&#10;\u{fffd}"/u);
});
