/** What is read out of the engines' answers, the mount table and the environment. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { socketsToTry } from '../../../src/runtime/connect.ts';
import { containerOf, macsOf, withoutOneOffs } from '../../../src/runtime/container.ts';
import { containerIdIn } from '../../../src/runtime/own-container.ts';

const ID = '0123456789abcdef'.repeat(4);
const OTHER = 'fedcba9876543210'.repeat(4);

describe('containerOf', () => {
  const answer = (labels: Record<string, string> | null, running = true, pid = 4711) => ({
    Id: ID,
    Name: '/shop_web_2',
    State: { Running: running, Pid: pid },
    Config: { Labels: labels },
  });

  it('reads name, pid and the labels of compose', () => {
    const labels = {
      'com.docker.compose.service': 'web',
      'com.docker.compose.container-number': '2',
      'com.docker.compose.project': 'shop',
      'com.docker.compose.project.working_dir': '/srv/shop',
    };
    assert.deepEqual(containerOf(answer(labels)), {
      id: ID,
      name: 'shop_web_2',
      pid: 4711,
      service: 'web',
      index: 2,
      project: 'shop',
      workingDir: '/srv/shop',
      isOneOff: false,
      isPaused: false,
    });
  });

  it('is of an entry of a lab by its labels, both of them', () => {
    const labels = { 'linkloom.lab': 'ring', 'linkloom.node': 'r1', 'linkloom.hash': 'ab12' };
    const { 'linkloom.hash': _hash, ...noHash } = labels;
    assert.deepEqual(containerOf(answer(labels))?.entry, { lab: 'ring', node: 'r1', hash: 'ab12' });
    assert.deepEqual(containerOf(answer(noHash))?.entry, { lab: 'ring', node: 'r1', hash: null });
    assert.equal(containerOf(answer({ 'linkloom.lab': 'ring' }))?.entry, undefined);
  });

  it('has no service and is the first replica without labels', () => {
    const container = containerOf(answer(null));
    assert.deepEqual([container?.service, container?.index, container?.project], [null, 1, null]);
  });

  it('takes a replica number that is none for the first', () => {
    for (const label of ['0', '-1', '1.5', 'x', '', '1e99']) {
      assert.equal(containerOf(answer({ 'com.docker.compose.container-number': label }))?.index, 1, label);
    }
  });

  it('takes containers that compose run made for replicas only of a service that has no other', () => {
    const of = (name: string, service: string, oneoff?: string) => {
      const labels = { 'com.docker.compose.service': service, 'com.docker.compose.project': 'shop' };
      const container = containerOf(
        answer(oneoff === undefined ? labels : { ...labels, 'com.docker.compose.oneoff': oneoff }),
      );
      assert.ok(container);
      return { ...container, name };
    };
    const all = [of('web-1', 'web', 'False'), of('web-run-1', 'web', 'True'), of('job-run-1', 'job', 'True')];
    assert.deepEqual(
      withoutOneOffs(all).map(({ name, service }) => `${name} ${service}`),
      ['web-1 web', 'web-run-1 null', 'job-run-1 job'],
    );
  });

  it('is null without a process: stopped, or between two starts', () => {
    assert.equal(containerOf(answer(null, false, 0)), null);
    assert.equal(containerOf(answer(null, true, 0)), null);
  });
});

describe('containerIdIn', () => {
  const line = (root: string, mountPoint: string) =>
    `612 590 254:0 ${root} ${mountPoint} rw,relatime - ext4 /dev/vda rw,discard`;
  const cases: readonly [string, string, string | null][] = [
    ['Docker', line(`/var/lib/docker/containers/${ID}/hosts`, '/etc/hosts'), ID],
    ['Podman', line(`/var/lib/containers/storage/overlay-containers/${ID}/userdata/hosts`, '/etc/hosts'), ID],
    ['Docker in Docker: the innermost', line(`/docker/containers/${OTHER}/x/containers/${ID}/hosts`, '/etc/hosts'), ID],
    [
      'after other lines',
      [
        line('/', '/'),
        line(`/docker/containers/${OTHER}/resolv.conf`, '/etc/resolv.conf'),
        line(`/containers/${ID}/hosts`, '/etc/hosts'),
      ].join('\n'),
      ID,
    ],
    ['a host', line('/', '/'), null],
    ['a volume of that name', line(`/containers/${ID}/data`, '/data'), null],
    ['too short an id', line(`/containers/${ID.slice(1)}/hosts`, '/etc/hosts'), null],
    ['Kubernetes', line(`/var/lib/kubelet/pods/5d2f/etc-hosts`, '/etc/hosts'), null],
    ['nothing', '', null],
  ];
  for (const [title, mountinfo, expected] of cases) {
    it(title, () => assert.equal(containerIdIn(mountinfo), expected));
  }
});

describe('socketsToTry', () => {
  const podmanSocket = '/var/run/podman/podman.sock';

  it('has the usual places', () => {
    assert.deepEqual(socketsToTry({}, {}), { dockerSocket: '/var/run/docker.sock', podmanSocket });
    assert.equal(socketsToTry({}, { DOCKER_HOST: '' }).dockerSocket, '/var/run/docker.sock');
  });

  it('follows DOCKER_HOST to a unix socket, unless told otherwise', () => {
    const env = { DOCKER_HOST: 'unix:///run/user/1000/docker.sock' };
    assert.equal(socketsToTry({}, env).dockerSocket, '/run/user/1000/docker.sock');
    assert.equal(socketsToTry({ dockerSocket: '/d.sock' }, env).dockerSocket, '/d.sock');
  });

  it('refuses a DOCKER_HOST on another machine, unless told a socket', () => {
    const env = { DOCKER_HOST: 'tcp://10.0.0.1:2375' };
    assert.throws(() => socketsToTry({}, env), { code: 'E_ENGINE', message: /'tcp:\/\/10\.0\.0\.1:2375'/ });
    assert.equal(socketsToTry({ dockerSocket: '/d.sock' }, env).dockerSocket, '/d.sock');
  });
});

describe('macsOf', () => {
  it('reads what the engine gave, and nothing of the host’s network', () => {
    const networks = (Networks: Record<string, { MacAddress?: string }> | null) =>
      macsOf({ NetworkSettings: { Networks } });
    assert.deepEqual(networks({ bridge: { MacAddress: '02:42:AC:11:00:02' }, other: {} }), ['02:42:ac:11:00:02']);
    assert.deepEqual(networks({ host: { MacAddress: '' } }), []);
    assert.deepEqual(networks(null), []);
    assert.deepEqual(macsOf({}), []);
  });
});
