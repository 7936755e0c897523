/** The runtime against a real engine: what it lists, inspects, follows and runs. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Event } from '../../src/events.ts';
import { connectEngines } from '../../src/runtime/connect.ts';
import type { ContainerEngine, ContainerEvent, Terminal } from '../../src/runtime/engine.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';

const WAIT_MS = 10_000;

describe('runtime against Docker', { timeout: 180_000 }, () => {
  let docker: TestEngine;
  let engine: ContainerEngine;
  const said: Event[] = [];

  before(async () => {
    docker = await startDockerd();
    await ensureBusybox(docker);
    const sockets = { dockerSocket: docker.socketPath, podmanSocket: '/nowhere/podman.sock' };
    const [first] = await connectEngines(sockets, (event) => said.push(event));
    assert.ok(first);
    engine = first;
  });

  after(async () => {
    await docker?.[Symbol.asyncDispose]();
  });

  async function run(name: string, ...options: string[]): Promise<string> {
    const base = ['run', '--detach', '--init', '--network', 'none', '--name', name];
    return docker.docker(...base, ...options, BUSYBOX, 'sleep', '600');
  }

  it('says what it listens on, and is quiet about a Podman that is not there', () => {
    assert.deepEqual(said, [
      { type: 'listening', socketPath: docker.socketPath },
      {
        type: 'detail',
        message: "Could not start podman client on '/nowhere/podman.sock': no such socket, or not allowed",
      },
    ]);
  });

  it('throws E_ENGINE with both warnings where nothing answers', async () => {
    const events: Event[] = [];
    const sockets = { dockerSocket: '/nowhere/d.sock', podmanSocket: '/nowhere/p.sock' };
    await assert.rejects(
      connectEngines(sockets, (event) => events.push(event)),
      { name: 'LinkloomError', code: 'E_ENGINE' },
    );
    assert.deepEqual(
      events.map((event) => event.type),
      ['diagnostic', 'diagnostic'],
    );
  });

  it('lists and inspects running containers with their compose labels', async () => {
    const labels = [
      'com.docker.compose.service=web',
      'com.docker.compose.container-number=3',
      'com.docker.compose.project=shop',
      'com.docker.compose.project.working_dir=/srv/shop',
    ];
    const id = await run('shop_web_3', ...labels.flatMap((label) => ['--label', label]));
    const plain = await run('plain');
    await docker.docker('create', '--name', 'never-started', BUSYBOX, 'true');

    const listed = [...(await engine.list())].sort((a, b) => (a.name < b.name ? -1 : 1));
    assert.deepEqual(
      listed.map(({ pid, ...rest }) => ({ ...rest, alive: pid > 1 })),
      [
        {
          id: plain,
          name: 'plain',
          alive: true,
          service: null,
          index: 1,
          project: null,
          workingDir: null,
          isOneOff: false,
          isPaused: false,
        },
        {
          id,
          name: 'shop_web_3',
          alive: true,
          service: 'web',
          index: 3,
          project: 'shop',
          workingDir: '/srv/shop',
          isOneOff: false,
          isPaused: false,
        },
      ],
    );
    const pid = Number(await docker.docker('inspect', '--format', '{{.State.Pid}}', id));
    assert.equal((await engine.inspect(id))?.pid, pid);
    assert.equal((await engine.inspect('plain'))?.id, plain);
    assert.equal(await engine.inspect('never-started'), null);
    assert.equal(await engine.inspect('no-such-container'), null);
    await docker.docker('rm', '--force', id, plain, 'never-started');
  });

  it('follows start, die and destroy in order, and ends on abort', async () => {
    const stop = new AbortController();
    const seen: ContainerEvent[] = [];
    const events = await engine.events(stop.signal);
    const following = (async () => {
      for await (const event of events) seen.push(event);
    })();
    const id = await run('followed');
    await docker.docker('exec', id, 'true');
    await docker.docker('restart', '--time', '0', id);
    await docker.docker('rm', '--force', id);
    const deadline = Date.now() + WAIT_MS;
    while (seen.at(-1)?.action !== 'destroy' && Date.now() < deadline) await delay(20);
    assert.deepEqual(
      seen.map((event) => event.action),
      ['start', 'die', 'start', 'die', 'destroy'],
    );
    assert.ok(seen.every((event) => event.id === id && event.name === 'followed'));
    stop.abort();
    await assert.rejects(following);
  });

  describe('exec', () => {
    let id: string;
    before(async () => {
      id = await run('worker');
    });
    after(async () => {
      await docker.docker('rm', '--force', id);
    });

    async function exec(argv: string[], terminal?: Terminal): Promise<{ status: number; out: string; err: string }> {
      const text = { stdout: '', stderr: '' };
      const status = await engine.exec(id, argv, {
        onOutput: (stream, bytes) => {
          text[stream] += bytes.toString();
        },
        ...(terminal && { terminal }),
      });
      return { status, out: text.stdout, err: text.stderr };
    }

    it('keeps output and errors apart, and returns the exit status', async () => {
      const result = await exec(['sh', '-c', 'echo out; echo err >&2; exit 7']);
      assert.deepEqual(result, { status: 7, out: 'out\n', err: 'err\n' });
    });

    it('passes arguments as they are', async () => {
      const result = await exec(['printf', '%s|', "it's", '$HOME;', '']);
      assert.deepEqual(result, { status: 0, out: "it's|$HOME;||", err: '' });
    });

    it('carries a megabyte whole', async () => {
      const { status, out } = await exec(['sh', '-c', 'yes 0123456789abcde | head -c 1048576']);
      assert.equal(status, 0);
      assert.equal(out.length, 1_048_576);
    });

    it('ends with 127 where there is no such program, with 126 where it can not be executed, and says why', async () => {
      for (const [program, expected] of [
        ['/no/such/program', 127],
        ['nosuch', 127],
        ['/etc', 126],
      ] as const) {
        const { status, out, err } = await exec([program]);
        assert.deepEqual([status, out], [expected, ''], program);
        assert.match(err, new RegExp(program));
      }
      // What a program itself says and ends with is its own.
      const own = await exec(['sh', '-c', 'echo OCI runtime exec failed: not found; exit 3']);
      assert.deepEqual(own, { status: 3, out: 'OCI runtime exec failed: not found\n', err: '' });
    });

    it('says that a container is paused', async () => {
      await docker.docker('pause', id);
      try {
        await assert.rejects(exec(['true']), { code: 'E_NODE_MISSING', message: /is paused/ });
      } finally {
        await docker.docker('unpause', id);
      }
    });

    it('returns when the shell has ended though a child holds its output', async () => {
      assert.deepEqual(await exec(['sh', '-c', 'sleep 1000 & echo out']), { status: 0, out: 'out\n', err: '' });
    });

    it('passes standard input on, and its end', async () => {
      const stdin = new PassThrough();
      stdin.end('one\ntwo\n');
      assert.deepEqual(await exec(['wc', '-l'], pipe(stdin)), { status: 0, out: '2\n', err: '' });
    });

    it('gives the command a terminal of the size asked for, and follows changes', async () => {
      const stdin = new PassThrough();
      const size = { rows: 31, columns: 97 };
      let changed: () => void = () => {};
      const terminal: Terminal = {
        tty: true,
        stdin,
        size: () => size,
        onResize: (callback) => {
          changed = callback;
          return { [Symbol.dispose]: () => {} };
        },
      };
      // An engine before API 1.42 sets the size some time after the program has started. Until then `stty` says that there is none.
      const until = (text: string): string =>
        `until [ "$(stty size 2>/dev/null)" = "${text}" ]; do sleep 0.05; done; echo is ${text}`;
      let said = '';
      let grow = (): void => {};
      const isSmall = new Promise<void>((resolve) => {
        grow = resolve;
      });
      const running = engine.exec(id, ['sh', '-c', `${until('31 97')}; read line; ${until('40 97')}; exit 3`], {
        terminal,
        onOutput: (_, bytes) => {
          said += bytes.toString();
          if (said.includes('is 31 97')) grow();
        },
      });
      await isSmall;
      size.rows = 40;
      changed();
      stdin.write('go\n');
      assert.equal(await running, 3);
      assert.match(said, /^is 31 97\r\n(go\r\n)?is 40 97\r\n$/);
    });

    it('throws E_NODE_MISSING for a container that does not run', async () => {
      await assert.rejects(engine.exec('0'.repeat(64), ['true'], { onOutput: () => {} }), { code: 'E_NODE_MISSING' });
      const created = await docker.docker('create', BUSYBOX, 'true');
      await assert.rejects(engine.exec(created, ['true'], { onOutput: () => {} }), { code: 'E_NODE_MISSING' });
      await docker.docker('rm', created);
    });
  });
});

function pipe(stdin: NodeJS.ReadableStream): Terminal {
  return {
    tty: false,
    stdin,
    size: () => ({ rows: 24, columns: 80 }),
    onResize: () => ({ [Symbol.dispose]: () => {} }),
  };
}
