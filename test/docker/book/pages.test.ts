/**
 * The commands of README and of the pages under docs/ that work on containers, as they are written, on a real engine; and those of examples
 * that no other test brings up.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT } from '../../support/bin.ts';
import { bookPages, type Page, readPage } from '../../support/docs/pages.ts';
import { assertPromised } from '../../support/docs/promised.ts';
import { partOf, runPage } from '../../support/docs/run-page.ts';
import { BUSYBOX, ensureBusybox } from '../../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../../support/engine/dockerd.ts';
import { ensureImage, IMAGE } from '../../support/engine/image.ts';

/** Debian has compose as a program of its own, where Docker's packages have it as `docker compose`. The image is built already. */
const DOCKER = `[ "$1" != build ] || exit 0
if [ "$1" = compose ]; then shift; if [ "$1" = exec ]; then shift; exec docker-compose exec -T "$@"; fi; exec docker-compose "$@"; fi
exec /usr/bin/docker "$@"`;
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

  /** Runs the commands of a page where a reader would. Returns what they said; nothing that they made is left. */
  async function run(page: Page): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'linkloom-page-'));
    try {
      await symlink(join(ROOT, 'examples'), join(folder, 'examples'));
      const { PATH: _path, ...own }: Record<string, string> = { ...engine.env, DOCKER_SOCKET: engine.socketPath };
      const said = await runPage(page, { folder, programs: { docker: DOCKER }, env: own });
      assert.equal(await engine.docker('ps', '--all', '--quiet'), '');
      return said;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  for (const page of pages) {
    it(page.path, async () => {
      await run(page);
    });
  }

  for (const example of ['container-names', 'generated']) {
    it(`examples/${example}`, async () => {
      assertPromised(example, await run(readPage(`examples/${example}/README.md`)));
    });
  }
});
