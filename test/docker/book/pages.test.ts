/** The commands of README and of the pages under docs/ that work on containers, as they are written, on a real engine. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bookPages } from '../../support/docs/pages.ts';
import { partOf, runPage } from '../../support/docs/run-page.ts';
import { BUSYBOX, ensureBusybox } from '../../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../../support/engine/dockerd.ts';
import { ensureImage, IMAGE } from '../../support/engine/image.ts';

const pages = bookPages().flatMap((page) => partOf(page, 'containers') ?? []);

describe('pages on containers', { timeout: 800_000 }, () => {
  let engine: TestEngine;
  before(async () => {
    await ensureImage();
    engine = await startDockerd();
    await ensureBusybox(engine);
    // The pages name images as a registry has them; here these are the tests' own.
    await engine.docker('tag', BUSYBOX, 'busybox');
    await engine.docker('tag', IMAGE, 'linkloom');
  });
  after(async () => {
    await engine?.docker('rmi', 'busybox', 'linkloom').catch(() => {});
    await engine?.[Symbol.asyncDispose]();
  });

  it('there are some', () => {
    assert.ok(pages.length >= 2);
  });

  for (const page of pages) {
    it(page.path, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'linkloom-page-'));
      // Debian has compose as a program of its own, where Docker's packages have it as `docker compose`.
      const docker = 'if [ "$1" = compose ]; then shift; exec docker-compose "$@"; fi\nexec /usr/bin/docker "$@"';
      try {
        const { PATH: _path, ...env }: Record<string, string> = { ...engine.env, DOCKER_SOCKET: engine.socketPath };
        await runPage(page, { folder, programs: { docker }, env });
        assert.equal(await engine.docker('ps', '--all', '--quiet'), '');
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});
