import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBody } from '../../../../src/runtime/nodes/create-body.ts';
import { containerNode } from '../../../support/engine/definitions.ts';

const AROUND = { lab: 'ring', files: 'f1', seesHost: true, hostsPath: '/run/linkloom/ring/hosts', hosts: [] };

describe('createBody', () => {
  it('leaves to the image what the entry does not say, and carries the marks', () => {
    const body = createBody(
      containerNode('ring', 'r1', { command: null, labels: { 'linkloom.lab': 'forged', team: 'blue' } }),
      AROUND,
    );
    for (const key of ['Cmd', 'Entrypoint', 'User', 'StopSignal', 'Healthcheck']) assert.ok(!(key in body), key);
    for (const key of ['Memory', 'NanoCpus', 'ExtraHosts']) assert.ok(!(key in (body.HostConfig ?? {})), key);
    assert.deepEqual(body.Labels, {
      'linkloom.lab': 'ring',
      team: 'blue',
      'linkloom.node': 'r1',
      'linkloom.hash': 'a'.repeat(64),
      'linkloom.files': 'f1',
    });
    assert.deepEqual([body.name, body.Hostname, body.HostConfig?.NetworkMode], ['ring.r1', 'r1', 'none']);
  });

  it('mounts binds and the file of hosts, unless the entry has one of its own', () => {
    const bind = { source: '/a', target: '/b', options: [], readOnly: true };
    const of = (
      ...binds: (typeof bind | { source: string; target: string; options: string[]; readOnly: boolean })[]
    ) => {
      const { Mounts, Binds } = createBody(containerNode('ring', 'r1', { binds }), AROUND).HostConfig ?? {};
      return { Mounts, Binds };
    };
    const hosts = { Type: 'bind', Source: '/run/linkloom/ring/hosts', Target: '/etc/hosts' };
    const a = { Type: 'bind', Source: '/a', Target: '/b', ReadOnly: true };
    assert.deepEqual(of(bind), { Mounts: [a, hosts], Binds: [] });
    assert.deepEqual(of({ ...bind, target: '/etc/hosts' }).Mounts, [{ ...a, Target: '/etc/hosts' }]);
    assert.deepEqual(of({ ...bind, options: ['rshared'] }).Mounts, [
      { ...a, BindOptions: { Propagation: 'rshared' } },
      hosts,
    ]);
    assert.deepEqual(of({ ...bind, options: ['z'] }), { Mounts: [hosts], Binds: ['/a:/b:ro,z'] });
    assert.deepEqual(of({ ...bind, readOnly: false, options: ['Z', 'rslave'] }).Binds, ['/a:/b:rw,Z,rslave']);
  });

  it('publishes ports, some of one number, and lets devices in as the command line does', () => {
    const tcp = { hostIp: '127.0.0.1', hostPort: 8080, containerPort: 80, protocol: 'tcp' as const };
    const ports = [tcp, { ...tcp, hostIp: null, hostPort: null }, { ...tcp, protocol: 'udp' as const }];
    const devices = ['/dev/a', '/dev/a:/dev/b', '/dev/a:/dev/b:r', '/dev/a:rw'];
    const body = createBody(containerNode('ring', 'r1', { ports, devices }), AROUND);
    assert.deepEqual(body.ExposedPorts, { '80/tcp': {}, '80/udp': {} });
    assert.deepEqual(body.HostConfig?.PortBindings, {
      '80/tcp': [
        { HostIp: '127.0.0.1', HostPort: '8080' },
        { HostIp: '', HostPort: '' },
      ],
      '80/udp': [{ HostIp: '127.0.0.1', HostPort: '8080' }],
    });
    const device = (PathInContainer: string, CgroupPermissions: string) => ({
      PathOnHost: '/dev/a',
      PathInContainer,
      CgroupPermissions,
    });
    assert.deepEqual(body.HostConfig?.Devices, [
      device('/dev/a', 'rwm'),
      device('/dev/b', 'rwm'),
      device('/dev/b', 'r'),
      device('/dev/a', 'rw'),
    ]);
  });

  it('counts in the engine’s units', () => {
    const healthcheck = { test: ['NONE'], intervalMs: 1500, timeoutMs: null, startPeriodMs: 0, retries: 3 };
    const body = createBody(containerNode('ring', 'r1', { cpus: 0.1, memoryBytes: 2 ** 20, healthcheck }), AROUND);
    assert.deepEqual([body.HostConfig?.NanoCpus, body.HostConfig?.Memory], [100_000_000, 1_048_576]);
    assert.deepEqual(body.Healthcheck, { Test: ['NONE'], Interval: 1_500_000_000, StartPeriod: 0, Retries: 3 });
  });
});
