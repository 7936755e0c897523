import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEthtool } from '../../../src/topology/text/ethtool.ts';
import { isFault } from '../../../src/topology/text/fault.ts';

function read(text: string): readonly string[] {
  const parsed = parseEthtool(text);
  if (isFault(parsed)) return [`${parsed.message}${parsed.hint === '' ? '' : ` (${parsed.hint})`}`];
  return parsed.map((one) =>
    one.kind === 'offload' ? `${one.name}=${one.on} "${one.text}"` : `${one.option} DEV ${one.words.join(' ')}`,
  );
}

test('features that the kernel has a word for are settings of their own, by either name', () => {
  assert.deepEqual(read('--offload rx off'), ['rx=false "--offload rx off"']);
  assert.deepEqual(read('  -K  tx off   tso on '), ['tx=false "-K tx off"', 'tso=true "-K tso on"']);
  assert.deepEqual(read('--features generic-receive-offload on rxhash off'), [
    'gro=true "--features generic-receive-offload on"',
    'rxhash=false "--features rxhash off"',
  ]);
});

test('all else is for the program, word by word', () => {
  assert.deepEqual(read('-K tx off tx-nocache-copy on'), ['-K DEV tx off tx-nocache-copy on']);
  assert.deepEqual(read('--coalesce rx-usecs 10'), ['--coalesce DEV rx-usecs 10']);
  assert.deepEqual(read('-s speed 100 duplex full; reboot'), ['-s DEV speed 100 duplex full; reboot']);
  assert.deepEqual(read('-r'), ['-r DEV ']);
});

test('what can be known to be wrong is said before', () => {
  assert.deepEqual(read('-K tx of'), ['tx must be on or off, not of']);
  assert.deepEqual(read('-K tx'), ['tx must be on or off']);
  assert.deepEqual(read('-K'), ['-K lacks its features (as in "--offload rx off tso off")']);
  const hint = '(begin with the option and leave the device out, as in "--offload rx off")';
  assert.deepEqual(read('eth0 rx off'), [`"eth0" is no option of ethtool ${hint}`]);
  assert.deepEqual(read(''), [`"" is no option of ethtool ${hint}`]);
  assert.deepEqual(read('--'), [`"--" is no option of ethtool ${hint}`]);
});
