/** The commands of README and of the pages under docs/ that work on namespaces, as they are written; each page leaves nothing. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { bookPages } from '../../support/docs/pages.ts';
import { partOf, runPage } from '../../support/docs/run-page.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames } from '../../support/netns.ts';

const pages = bookPages().flatMap((page) => partOf(page, 'namespaces') ?? []);

async function found(): Promise<readonly unknown[]> {
  return [await netnsNames(), (await execa('ip', ['-brief', 'link'])).stdout];
}

describe('pages', needs('root', 'program:ip', 'program:ping', 'program:tshark', 'program:dot'), () => {
  test('there are some', () => {
    assert.ok(pages.length >= 7, `${pages.length}`);
  });

  for (const page of pages) {
    test(page.path, async () => {
      const before = await found();
      const folder = await mkdtemp(join(tmpdir(), 'linkloom-page-'));
      try {
        await runPage(page, { folder });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      assert.deepEqual(await found(), before);
    });
  }
});
