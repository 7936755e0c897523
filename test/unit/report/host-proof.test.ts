/** What the API of one host says of a lab over several. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkProof, Proof } from '../../../src/proof/proof.ts';
import { hostProofJson } from '../../../src/report/proof/json.ts';

const BASE = { message: null, hint: null, hears: [], heardBy: [], mtuBytes: null, latencyNs: { out: null, in: null } };

const ON = { host: 'h1', crossing: new Set(['w', 'lan', 'other']), peers: ['h2', 'h3'] };

function proofOf(...links: readonly LinkProof[]): Proof {
  const tunnels = ['w', 'far'].map((bridge) => ({ tunnel: `t-${bridge}`, bridge, message: 'not of this lab' }));
  return { lab: 'spread', links, tunnels, probes: { sockets: 1, sent: 2, arrived: 2 } };
}

const local: LinkProof = { ...BASE, link: 'a:eth0', state: 'ok', domain: 'local' };
const wire: LinkProof = {
  ...BASE,
  link: 'a:eth1',
  state: 'not-proved',
  domain: 'w',
  message: 'no other link is tied to w',
};
const tagged: LinkProof = { ...BASE, link: 'a:v5', state: 'ok', domain: 'vlan 5 of lan' };
const faulty: LinkProof = { ...BASE, link: 'a:eth2', state: 'nothing', domain: 'w', message: 'nothing arrives' };

test('what leads to other hosts is not proved, and named', () => {
  const found = hostProofJson(proofOf(local, wire, tagged, faulty), ON, {}) as Record<string, unknown>;
  const message = 'what leads to h2, h3 is not proved by h1 alone';
  const hint = '`verify --store` has all hosts prove it together';
  assert.equal(found['proved'], false);
  assert.deepEqual(found['part'], { host: 'h1', peers: ['h2', 'h3'], bridges: ['lan', 'w'], message, hint });
  assert.deepEqual(found['links'], [local, { ...wire, message, hint }, tagged, faulty]);
  assert.deepEqual(found['tunnels'], [{ tunnel: 't-far', bridge: 'far', message: 'not of this lab' }]);
});

test('what stays on the host is proved by it', () => {
  const found = hostProofJson(proofOf(local), ON, {}) as Record<string, unknown>;
  assert.equal(found['proved'], true);
  assert.equal(Object.hasOwn(found, 'part'), false);
});
