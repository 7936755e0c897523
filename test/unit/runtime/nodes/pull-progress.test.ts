import assert from 'node:assert/strict';
import { it } from 'node:test';
import { PullMeter } from '../../../../src/runtime/nodes/pull-progress.ts';

it('sums up layers, counts a whole one as whole, and passes on why a pull fails', () => {
  const meter = new PullMeter('web');
  const take = (line: object | string) => meter.take(typeof line === 'string' ? line : JSON.stringify(line));
  const loading = (id: string, current: number, total: number) => ({
    id,
    status: 'Downloading',
    progressDetail: { current, total },
  });
  assert.equal(take({ status: 'Pulling from library/web', id: '1' }), null);
  assert.equal(take('not JSON'), null);
  assert.equal(take('[]'), null);
  assert.deepEqual(take(loading('a', 10, 100)), { image: 'web', doneBytes: 10, totalBytes: 100 });
  assert.deepEqual(take(loading('b', 1, 50)), { image: 'web', doneBytes: 11, totalBytes: 150 });
  assert.deepEqual(take({ id: 'a', status: 'Download complete', progressDetail: {} }), {
    image: 'web',
    doneBytes: 101,
    totalBytes: 150,
  });
  assert.equal(take({ id: 'a', status: 'Extracting', progressDetail: { current: 3, total: 100 } }), null);
  assert.deepEqual(take({ error: 'manifest unknown', errorDetail: {} }), { error: 'manifest unknown' });
});
