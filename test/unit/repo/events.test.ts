/** docs/events.md describes each type of event that a run can tell. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EVENT_GROUPS } from '../../../src/lab-events.ts';
import { ROOT } from '../../support/bin.ts';

test('every type of event is in the page about events, and no other', () => {
  const source = readFileSync(join(ROOT, 'src/events.ts'), 'utf8');
  const steps = /type LinkStep = ([^;]+);/.exec(source)?.[1] ?? '';
  const union = source.slice(source.indexOf('export type Event ='), source.indexOf('export interface Dispatch'));
  const notices = readFileSync(join(ROOT, 'src/notices.ts'), 'utf8');
  const types = [
    ...[...steps.matchAll(/'(\w+)'/g)].map(([, type]) => type),
    ...[...`${union}${notices}`.matchAll(/readonly type: '(\w+)'/g)].map(([, type]) => type),
  ];
  const page = readFileSync(join(ROOT, 'docs/events.md'), 'utf8');
  const [, links = '', ofRun = '', ofNotices = ''] = page.split('\n## ');
  const rows = `${links.split('| field')[0]}${ofRun}${ofNotices}`;
  const described = [...rows.matchAll(/^\| `(\w+)` /gm)].map(([, type]) => type);
  assert.deepEqual(described.toSorted(), types.toSorted());
});

test('every type of event that a lab can have is in the page, too', () => {
  const page = readFileSync(join(ROOT, 'docs/events.md'), 'utf8');
  const described = new Set(
    [...page.matchAll(/^\| (`[\w-]+`(?:, `[\w-]+`)*) /gm)].flatMap(([, types = '']) => types.split(', ')),
  );
  for (const type of [...Object.values(EVENT_GROUPS).flat(), 'lost']) assert.ok(described.has(`\`${type}\``), type);
});
