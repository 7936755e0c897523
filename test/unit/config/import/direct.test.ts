/** A file of another tool is loaded like one of linkloom's own, and faults in it have their place. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '../../../../src/config/load.ts';
import { temporaryFolder } from '../../../support/folder.ts';

const TOPOLOGY = `name: two
topology:
  nodes:
    a: {kind: linux, image: "alpine:$TAG", license: x}
    b: {kind: linux, image: alpine, cmd: sh -c "echo $HOME"}
  links:
    - endpoints: ["a:eth1", "b:eth1"]
`;

async function load(name: string, text: string, stdin = false) {
  using folder = temporaryFolder('foreign');
  writeFileSync(join(folder.path, name), text);
  return await loadConfig({
    cwd: folder.path,
    env: { TAG: '3' },
    files: [stdin ? '-' : name],
    readStdin: async () => new TextEncoder().encode(text),
  });
}

describe('a file of another tool, given to -f', () => {
  it('is a lab, whatever its name, and from standard input', async () => {
    for (const [name, stdin] of [
      ['x.clab.yml', false],
      ['x.yaml', false],
      ['x', true],
    ] as const) {
      const { config, lab, diagnostics } = await load(name, TOPOLOGY, stdin);
      assert.equal(lab, 'two');
      assert.deepEqual([...config.nodes.keys()], ['a', 'b']);
      assert.equal(config.nodes.get('a')?.value.image, 'alpine:3');
      // A variable that is not set stays: it is for the shell in the node.
      assert.equal(config.nodes.get('b')?.value.command, 'sh -c "echo $HOME"');
      assert.equal(config.wires.length, 1);
      assert.deepEqual(
        diagnostics.map(({ code, where }) => [code, where?.line, where?.column]),
        [['import-left-out', 4, 44]],
      );
    }
  });

  it('has the place of a fault that is found later', async () => {
    const { diagnostics } = await load('x.clab.yml', TOPOLOGY.replace('b:eth1', 'a:eth1'));
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    assert.equal(errors.length, 1);
    assert.equal(errors[0]?.where?.line, 7);
  });

  it('is known by lab.conf', async () => {
    const { config } = await load('lab.conf', 'a[0]=x\nb[0]=x\n');
    assert.deepEqual([...config.nodes.keys()], ['a', 'b']);
  });
});
