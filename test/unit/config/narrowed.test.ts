/** An entry is checked by the keys that it has; the schema of all keys must come to the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { Diagnostics } from '../../../src/config/diagnose.ts';
import { parsed } from '../../../src/config/entry.ts';
import { BridgeSchema, LinkSchema, TunnelSchema } from '../../../src/config/schema.ts';
import { readSources } from '../../../src/config/text/source.ts';

const ITEMS: readonly (readonly [typeof LinkSchema | typeof BridgeSchema | typeof TunnelSchema, object])[] = [
  [LinkSchema, {}],
  [LinkSchema, { netns: 'n', dev: 'eth0', bridge: 'b', ip: '10.0.0.1/24' }],
  [LinkSchema, { ip: ['10.0.0.1/24', 'nonsense'], mtu: '9000', netns: '-n' }],
  [LinkSchema, { mtu: 1, state: 'sideways', host: true, queues: 4, vlanid: '7' }],
  [LinkSchema, { mtu: undefined, dev: undefined, netns: 'n' }],
  [LinkSchema, { impair: { delay: '10ms', loss: 1 }, route: ['default', 7] }],
  [BridgeSchema, { bridge: 'b', mode: 'direct' }],
  [BridgeSchema, { mode: 'linux', colour: 'red', toString: 'x' }],
  [BridgeSchema, {}],
  [TunnelSchema, { type: 'vxlan', remote: '10.0.0.1', vni: '5', 'x-note': 1 }],
];

test('the keys that an entry does not have change nothing', async () => {
  const [source] = await readSources('a.json', '{}', 'json', false);
  for (const [schema, item] of ITEMS) {
    const whole = v.safeParse(schema, item);
    const diagnostics = new Diagnostics();
    const named = { origin: { source, path: [] }, service: null, diagnostics, incomplete: [], label: 'it' };
    const { value, faulty } = parsed(schema, item as Record<string, unknown>, named);
    const keys = new Set(whole.success ? [] : whole.issues.flatMap(({ path }) => path?.[0]?.key as string));
    assert.deepEqual(new Set(faulty), keys, JSON.stringify(item));
    if (whole.success) assert.deepEqual(Object.entries(value), Object.entries(whole.output as object));
  }
});
