import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, table, widthOf } from '../../../src/report/table.ts';
import { fakeSink } from '../../support/sink.ts';

const COLUMNS = [{ title: 'LINK' }, { title: 'MTU', align: 'right' }, { title: 'NOTE', shrink: true }] as const;

test('columns are as wide as their widest cell', () => {
  const rows = [
    ['n0:eth0', '1500', ''],
    ['n10:eth0', '65535', 'as wanted'],
  ];
  assert.equal(
    table(COLUMNS, rows, fakeSink()),
    'LINK        MTU  NOTE\nn0:eth0    1500\nn10:eth0  65535  as wanted\n',
  );
});

test('on a terminal that is too narrow, only what may shrink is cut', () => {
  const rows = [['n0:eth0', '1500', 'a long remark that does not fit']];
  const text = table(COLUMNS, rows, fakeSink({ tty: true, columns: 30 }));
  assert.equal(text, 'LINK      MTU  NOTE\nn0:eth0  1500  a long remark …\n');
  for (const line of text.split('\n')) assert.ok(widthOf(line) <= 30);
});

test('where there is no terminal, nothing is cut', () => {
  const remark = 'x'.repeat(300);
  assert.ok(table(COLUMNS, [['n0:eth0', '1500', remark]], fakeSink({ columns: 30 })).includes(remark));
});

test('a column never shrinks below eight cells', () => {
  const text = table(COLUMNS, [['n0:eth0', '1500', 'abcdefghijkl']], fakeSink({ tty: true, columns: 5 }));
  assert.equal(text.split('\n')[1], 'n0:eth0  1500  abcdefg…');
});

test('wide characters take two cells, marks and escape sequences none', () => {
  assert.equal(widthOf('節点'), 4);
  assert.equal(widthOf('e\u0301'), 1);
  assert.equal(widthOf('\x1b[31mred\x1b[39m'), 3);
  assert.equal(cut('節点節点', 5), '節点…');
});
