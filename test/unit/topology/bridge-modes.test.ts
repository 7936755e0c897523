import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BRIDGE_MODES, type BridgeMode, effectiveMode, modesThat, traitsOf } from '../../../src/kinds/bridge-modes.ts';

const MODES = BRIDGE_MODES.filter((mode): mode is BridgeMode => mode !== 'auto');

describe('bridge modes', () => {
  it('are a wire or a device, and only a device takes more than two ends', () => {
    for (const mode of MODES) {
      const { isWire, isDevice, portsMax, hasPorts, carriesTunnels } = traitsOf({ mode });
      assert.notEqual(isWire, isDevice, mode);
      assert.equal(isWire, portsMax === 2, mode);
      assert.ok(hasPorts || !carriesTunnels, mode);
    }
  });

  it('are listed for people in the order of the table', () => {
    assert.equal(
      modesThat(({ isWire }) => !isWire, 'or'),
      'linux or ovs',
    );
    assert.equal(
      modesThat(({ carriesTunnels }) => carriesTunnels, 'and'),
      'linux, ovs and patch',
    );
    assert.equal(
      modesThat(({ isMaster }) => isMaster, 'and'),
      'linux',
    );
    assert.equal(
      modesThat(() => false, 'and'),
      '',
    );
  });

  it('settle by what is written, then the default, then what the machine has', () => {
    assert.equal(effectiveMode({ mode: 'patch' }, 'direct', true), 'patch');
    assert.equal(effectiveMode({}, 'direct', true), 'direct');
    assert.equal(effectiveMode({ datapath: 'netdev' }, 'direct', false), 'ovs');
    assert.equal(effectiveMode({ mode: 'auto' }, 'direct', true), 'ovs');
    assert.equal(effectiveMode({}, 'auto', null), 'linux');
  });
});
