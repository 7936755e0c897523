/** What `--image` and `--as netns` do together, and what is inherited from kinds and groups. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { importLab } from '../../../../src/config/import/import.ts';
import { type ImportOptions, NO_OPTIONS } from '../../../../src/config/import/options.ts';
import { surroundingsOf } from '../../../../src/config/import/surroundings.ts';

const AROUND = surroundingsOf('/nowhere', '/nowhere', () => undefined);
const LAB = `topology:
  defaults: {kind: linux, group: hosts}
  kinds: {edge: {image: edge:1, group: edges}}
  groups: {hosts: {image: host:1}, edges: {memory: 1gb}}
  nodes:
    a: {kind: edge}
    b: {exec: [ip a del dev eth1, ip link set eth1 up]}
  links:
    - endpoints: ["a:eth1", "macvlan:ens3"]
    - endpoints: ["a:eth2", "b:eth1"]
`;

async function imported(options: Partial<ImportOptions>) {
  const request = { file: 'lab.clab.yml', text: LAB, format: null, around: AROUND } as const;
  const lab = await importLab({ ...request, options: { ...NO_OPTIONS, ...options } });
  return {
    document: lab.document(),
    said: lab.notes.inOrder.map(({ severity, message }) => `${severity}: ${message}`),
  };
}

describe('a stand-in', () => {
  it('has the image of --image, and all others are namespaces that need nothing of the host', async () => {
    const { document, said } = await imported({ as: 'netns', images: [{ pattern: 'a', image: 'busybox' }] });
    assert.deepEqual(document['nodes'], {
      a: { image: 'busybox', memory: '1000000000', privileged: true },
      b: { exec: [['ip', 'link', 'set', 'eth1', 'up']] },
    });
    assert.deepEqual(document['links'], [{ node: 'a', dev: 'eth1', bridge: 'ens3' }]);
    assert.deepEqual(document['bridges'], [{ bridge: 'ens3' }]);
    assert.ok(said.some((line) => line.includes('"ip a del dev eth1" of b is not carried over: it names no address')));
  });

  it('is refused where the pattern matches no node and no image', async () => {
    const { said } = await imported({ images: [{ pattern: 'r*', image: 'busybox' }] });
    assert.ok(said.includes("error: --image 'r*=busybox': no node has such a name or image"), said.join('\n'));
  });
});
