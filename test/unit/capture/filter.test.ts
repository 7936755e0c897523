import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acceptAll,
  encodeProgram,
  type Instruction,
  inDirection,
  onDevices,
  parseProgram,
  runsMax,
} from '../../../src/capture/filter.ts';

/** What `tcpdump -ddd -s 262144 -i DEV icmp` prints. */
const ICMP = '6\n40 0 0 12\n21 0 3 2048\n48 0 0 23\n21 0 1 1\n6 0 0 262144\n6 0 0 0\n';

test('a program of tcpdump is read as it is', () => {
  const program = parseProgram(ICMP);
  assert.equal(program?.length, 6);
  assert.deepEqual(program[1], { code: 21, jt: 0, jf: 3, k: 2048 });
  const bytes = Buffer.from(encodeProgram(program));
  assert.equal(bytes.length, 48);
  // ldh [12]; jeq #0x800, 0, 3
  assert.equal(bytes.subarray(0, 16).toString('hex'), '28000000' + '0c000000' + '15000003' + '00080000');
});

test('what is no program is not taken for one', () => {
  const wrong = [
    '',
    '0\n',
    '2\n6 0 0 0\n',
    '1\n6 0 0\n',
    '1\n6 0 256 0\n',
    '1\n70000 0 0 0\n',
    '1\n6 0 0 4294967296\n',
  ];
  for (const text of [
    ...wrong,
    'x\n6 0 0 0\n',
    '1\n6 0 0 -1\n',
    '1\n6 0 0 0\n6 0 0 0\n',
    `${'4097\n'}${'6 0 0 0\n'.repeat(4097)}`,
  ]) {
    assert.equal(parseProgram(text), null, JSON.stringify(text.slice(0, 20)));
  }
  assert.equal(parseProgram('1\n6 0 0 4294967295\n')?.[0]?.k, 0xffffffff);
});

/** Carries out a program that looks at the type of packets and their device alone. */
function run(program: readonly Instruction[], packetType: number, device = 1): number {
  let accumulator = 0;
  for (let at = 0; ; at += 1) {
    const { code, jt, jf, k } = program[at] ?? assert.fail('runs past its end');
    if (code === 0x06) return k;
    if (code === 0x00) accumulator = k;
    else if (code === 0x20 && k === 0xfffff004) accumulator = packetType;
    else if (code === 0x20 && k === 0xfffff008) accumulator = device;
    else if (code === 0x05) at += k;
    else if (code === 0x25) at += accumulator > k ? jt : jf;
    else if (code === 0x35) at += accumulator >= k ? jt : jf;
    else if (code === 0x15) at += accumulator === k ? jt : jf;
    else assert.fail(`instruction ${code}`);
  }
}

test('a direction lets the packets of that direction alone reach the filter', () => {
  const [outgoing, host, broadcast] = [4, 0, 1];
  const seen = (direction: 'both' | 'in' | 'out'): readonly number[] =>
    [outgoing, host, broadcast].map((type) => run(inDirection(acceptAll(96), direction), type));
  assert.deepEqual(seen('both'), [96, 96, 96]);
  assert.deepEqual(seen('out'), [96, 0, 0]);
  assert.deepEqual(seen('in'), [0, 96, 96]);
});

test('only packets of the devices that are named reach the filter, however many these are', () => {
  const direction = inDirection(acceptAll(96), 'out');
  const rows = [
    [7],
    [2, 3, 4, 5],
    [9, 2, 4, 3, 2_147_483_647],
    Array.from({ length: 1300 }, (_, index) => 5 + 2 * index),
  ];
  for (const devices of rows) {
    const bytes = Buffer.from(onDevices(encodeProgram(direction), devices));
    assert.ok(bytes.length / 8 <= 4096);
    const program = Array.from({ length: bytes.length / 8 }, (_, index) => ({
      code: bytes.readUInt16LE(index * 8),
      jt: bytes.readUInt8(index * 8 + 2),
      jf: bytes.readUInt8(index * 8 + 3),
      k: bytes.readUInt32LE(index * 8 + 4),
    }));
    for (const device of new Set([...devices, 1, ...devices.flatMap((each) => [each - 1, each + 1])])) {
      const isNamed = devices.includes(device);
      assert.deepEqual([run(program, 4, device), run(program, 0, device)], [isNamed ? 96 : 0, 0], `device ${device}`);
    }
  }
});

test('as many runs of devices fit before a program as the kernel takes', () => {
  for (const length of [1, 50, 4000]) {
    const program = encodeProgram(Array.from({ length }, () => ({ code: 6, jt: 0, jf: 0, k: 0 })));
    const runs = runsMax(program);
    const devices = Array.from({ length: runs }, (_, index) => 2 * index + 1);
    assert.ok(onDevices(program, devices).length / 8 <= 4096 && runs * 3 + length > 4096 - 6);
  }
});
