import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diff } from '../../../src/plan/diff.ts';
import { observedOf } from '../../../src/plan/observed.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { place } from '../../../src/plan/switch/placement.ts';
import type { Op } from '../../../src/wire/op.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';
const MAC = '02:42:ac:11:00:02';
const WEB = {
  node: 'web',
  dev: 'eth0',
  bridge: 'front',
  addresses: ['10.0.0.1/24'],
  forwards: [{ outerPort: 8080, innerPort: 80, protocol: 'tcp' }],
} as const;

function planOf(wanted: readonly Wanted[], kernel: ModelKernel): Plan {
  const network = networkOf(LAB, wanted);
  const observed = observedOf(LAB, kernel.dumps(), [], true);
  const placement = place(LAB, 'own', network.bridges, network.links, observed);
  return diff(network, observed, { ...placement, uplinkMac: MAC }, { prune: true });
}

function settled(...wanted: readonly Wanted[]): ModelKernel {
  const kernel = new ModelKernel();
  kernel.makeNamespace('self');
  kernel.addDevice('self', 'eth0', { mac: MAC, up: true });
  kernel.apply(planOf(wanted, kernel).ops);
  return kernel;
}

const lines = (ops: readonly Op[]) => ops.map((op) => `${op.op} ${op.ns} [${op.link ?? ''}] ${op.cause}`);

describe('a forward', () => {
  it('is a rule, a way and a name for the device that it comes in by', () => {
    const kernel = new ModelKernel();
    kernel.makeNamespace('self');
    kernel.addDevice('self', 'eth0', { mac: MAC });
    const ops = planOf([WEB], kernel).ops.filter(({ op }) => /^(nat|route|uplink)/.test(op));
    assert.deepEqual(lines(ops), [
      'uplink.rename self [] kept aside for forwarded ports',
      'nat.set self [web:eth0] forward 8080:10.0.0.1:80/tcp front missing',
      'route.set self [web:eth0] route 10.0.0.1/32 dev front missing',
    ]);
    assert.deepEqual(ops[1]?.op === 'nat.set' && ops[1].add, [
      {
        comment: 'linkloom/1 lab web:eth0 forward 8080:10.0.0.1:80/tcp front',
        translation: {
          kind: 'forward',
          uplink: 'DOCKER-ETH0',
          bridge: 'front',
          protocol: 'tcp',
          outerPort: 8080,
          to: '10.0.0.1',
          innerPort: 80,
        },
      },
    ]);
  });

  it('never touches an eth0 that is not the engine’s', () => {
    const kernel = new ModelKernel();
    kernel.makeNamespace('self');
    kernel.addDevice('self', 'eth0', { mac: '02:00:00:00:00:99' });
    assert.ok(planOf([WEB], kernel).ops.every(({ op }) => op !== 'uplink.rename'));
  });

  it('ends where it is no longer asked for, and so does the way', () => {
    const kernel = settled(WEB);
    const plan = planOf([{ ...WEB, forwards: [] }], kernel);
    assert.deepEqual(lines(plan.ops), [
      'nat.set self [web:eth0] forward 8080:10.0.0.1:80/tcp front not in the configuration',
      'route.set self [] not in the configuration',
    ]);
    assert.deepEqual(plan.links, [
      {
        link: 'web:eth0',
        verdict: 'change',
        cause: 'forward 8080:10.0.0.1:80/tcp front not in the configuration',
      },
    ]);
  });

  it('is made again where the bridge lost its routes', () => {
    const kernel = settled(WEB);
    kernel.dropRoutes('self');
    assert.deepEqual(lines(planOf([WEB], kernel).ops), [
      'route.set self [web:eth0] route 10.0.0.1/32 dev front missing',
    ]);
  });
});

describe('nat and features', () => {
  it('of a new link come with it, and count as its creation', () => {
    const kernel = settled();
    const wanted = { ...WEB, forwards: [], nat: '10.9.9.9', ethtool: ['-K rx off', '-L rx 1'] };
    const plan = planOf([wanted], kernel);
    assert.deepEqual(plan.links, [{ link: 'web:eth0', verdict: 'create', cause: 'missing' }]);
    assert.deepEqual(lines(plan.ops.filter(({ op }) => /^(nat|ethtool)/.test(op))), [
      'ethtool.set netns/web [web:eth0] asked for',
      'nat.set netns/web [web:eth0] nat 10.9.9.9 10.0.0.1 missing',
    ]);
    kernel.apply(plan.ops);
    assert.deepEqual(planOf([wanted], kernel).ops, []);
  });

  it('that differ change the link in place; what only the program sets is left to its creation', () => {
    const before = { ...WEB, forwards: [], ethtool: ['-K rx off gro on', '-L rx 1'] };
    const kernel = settled(before);
    kernel.meddle('netns/web', 'eth0', { offloads: { rx: true, gro: true } });
    const plan = planOf([{ ...before, nat: '10.9.9.9' }], kernel);
    assert.deepEqual(plan.links, [
      { link: 'web:eth0', verdict: 'change', cause: 'rx → off, nat 10.9.9.9 10.0.0.1 missing' },
    ]);
    const [features] = plan.ops;
    assert.deepEqual(features?.op === 'ethtool.set' && features.settings.map(({ text }) => text), ['-K rx off']);
  });

  it('the last word on a feature counts', () => {
    const wanted = { ...WEB, forwards: [], ethtool: ['-K rx off', '-K rx on'] };
    const kernel = settled(wanted);
    assert.deepEqual(planOf([wanted], kernel).ops, []);
  });
});
