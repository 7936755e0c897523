import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnosticOf, LinkloomError } from '../../../src/errors.ts';
import { asLinkloomError, errorJson, errorText } from '../../../src/report/errors.ts';
import { painter } from '../../../src/report/output.ts';

const plain = painter(false);
const NO_PLACE = { file: null, line: null, column: null, endLine: null, endColumn: null };

test('an error says what, where and what to do', () => {
  const error = new LinkloomError('E_NODE_MISSING', 'there is no network namespace n9', { where: 'n9', hint: 'look' });
  assert.equal(errorText(error, plain), 'ERROR: there is no network namespace n9\n  hint: look\n');
});

test('a message that begins or ends with the place does not have it before it once more', () => {
  const text = (message: string): string =>
    errorText(new LinkloomError('E_NODE_MISSING', message, { where: 'r1:eth0' }), plain);
  assert.equal(text('r1:eth0 of lab l is not there'), 'ERROR: r1:eth0 of lab l is not there\n');
  assert.equal(text('lab l has no link r1:eth0'), 'ERROR: lab l has no link r1:eth0\n');
  assert.equal(text('lab l has no link xr1:eth0'), 'ERROR: r1:eth0: lab l has no link xr1:eth0\n');
  assert.equal(text('it is not r1:eth0'), 'ERROR: r1:eth0: it is not r1:eth0\n');
  assert.equal(text('r1:eth01 is not there'), 'ERROR: r1:eth0: r1:eth01 is not there\n');
});

test('the faults of a configuration come first, each with its line and a caret', () => {
  const error = new LinkloomError('E_CONFIG', '1 fault in the configuration; nothing has been touched', {
    diagnostics: [
      diagnosticOf('unknown-key', "unknown key 'bridg'", {
        where: { file: 'net.yaml', line: 3, column: 5, endLine: 3, endColumn: 10, excerpt: '    bridg: s1\n    ^' },
        hint: "did you mean 'bridge'?",
      }),
      diagnosticOf('orphan', 'bridge s2 is of others'),
    ],
  });
  assert.equal(
    errorText(error, plain),
    `ERROR: net.yaml:3:5: unknown key 'bridg' [unknown-key]
        bridg: s1
        ^
  hint: did you mean 'bridge'?
WARNING: bridge s2 is of others [orphan]
ERROR: 1 fault in the configuration; nothing has been touched
`,
  );
});

test('a defect shows where it happened and asks for a report', () => {
  const text = errorText(asLinkloomError(new TypeError('x is not a function')), plain);
  assert.match(text, /^ERROR: x is not a function\n {4}at .*errors\.test\./);
  assert.match(text, /\n {2}hint: this is a defect in linkloom/);
});

test('names in errors are escaped', () => {
  const error = new LinkloomError('E_NODE_MISSING', 'no\x1b[31m', { where: 'n\x07' });
  assert.equal(errorText(error, plain), 'ERROR: n\\x07: no\\x1b[31m\n');
});

test('the document of an error has every key, null where there is nothing', () => {
  const error = new LinkloomError('E_CONFIG', 'bad', {
    where: { file: 'a.yaml', line: 1, column: 2, endLine: 1, endColumn: 4 },
    diagnostics: [
      diagnosticOf('lab-twice', 'm'),
      diagnosticOf('lab-name', 'n', { where: { file: 'a.yaml', line: 1, column: 2, endLine: 2, endColumn: 4 } }),
    ],
  });
  assert.deepEqual(errorJson(error), {
    schemaVersion: 1,
    error: {
      code: 'E_CONFIG',
      summary: 'the configuration is invalid',
      message: 'bad',
      where: 'a.yaml:1:2',
      hint: null,
      diagnostics: [
        { ...{ code: 'lab-twice', severity: 'error', message: 'm' }, ...NO_PLACE, hint: null },
        {
          ...{ code: 'lab-name', severity: 'error', message: 'n', hint: null },
          ...{ file: 'a.yaml', line: 1, column: 2, endLine: 2, endColumn: 4 },
        },
      ],
    },
  });
});
