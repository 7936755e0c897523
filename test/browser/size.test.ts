/**
 * 200 and 2,000 nodes in a real browser. The figures are printed; what is asserted is what makes them so: the first picture is there
 * before the layout is done, the layout is a worker's, and panning draws without placing anything anew.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { PAGE_URL } from '../../src/layout.ts';
import { drawn } from '../../src/report/graph/text.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { needs } from '../support/needs.ts';
import { CHROMIUM, drawnPixels, openFile, placed, startBrowser, until } from '../support/picture/browser.ts';
import { shapedTopology } from '../support/picture/drawings.ts';

function html(topology: Topology): string {
  return drawn(topology, 'html', { page: readFileSync(new URL('index.html', PAGE_URL), 'utf8') }).text;
}

/** Drags over the canvas; milliseconds of script for each frame that was drawn meanwhile. */
async function scriptPerFrame(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const script = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0;
  };
  await page.evaluate(
    `globalThis.frames_ = 0; (function count() { globalThis.frames_ += 1; requestAnimationFrame(count) })()`,
  );
  const [began, first] = [await script(), await page.evaluate<number>('globalThis.frames_')];
  await page.mouse.move(640, 400);
  await page.mouse.down();
  for (let step = 0; step < 60; step += 1) await page.mouse.move(640 + step * 4, 400 + step * 2);
  await page.mouse.up();
  const frames = (await page.evaluate<number>('globalThis.frames_')) - first;
  return (((await script()) - began) * 1000) / Math.max(frames, 1);
}

const NETWORKS: readonly (readonly [string, Topology])[] = [
  ['a fat tree of 208', shapedTopology('fat-tree', { links: 8 })],
  ['200 at random', shapedTopology('random', { nodes: 200, links: 6 })],
  ['2,000 with 10,000 links', shapedTopology('random', { nodes: 2000, links: 10 })],
  ['2,000 in a fabric', shapedTopology('clos', { nodes: 2000, links: 5 })],
];

describe('large pictures', needs(CHROMIUM), () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  for (const [name, topology] of NETWORKS) {
    test(name, async (context) => {
      await using opened = await openFile(browser, html(topology));
      const { page, told } = opened;
      await until(page, 'document.documentElement.dataset.layout !== undefined');
      assert.ok((await drawnPixels(page)) > 5000);
      const paint = await page.evaluate<number>(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1",
      );
      await placed(page);
      const before = await page.locator('#canvas').screenshot();
      const script = await scriptPerFrame(page);
      await page.waitForTimeout(300);
      assert.notDeepEqual(await page.locator('#canvas').screenshot(), before);
      context.diagnostic(
        `${name}: first paint ${paint.toFixed(0)} ms, panning ${script.toFixed(2)} ms of script a frame`,
      );
      await page.locator('#search').fill('1');
      await until(page, "/^[1-9]\\d* of \\d+ nodes/.test(document.getElementById('found').value)");
      assert.deepEqual(told.faults, []);
    });
  }

  test('a mesh of 2,000 is shown first as it begins, and refined in a worker', async () => {
    await using opened = await openFile(browser, html(shapedTopology('random', { nodes: 2000, links: 10 })));
    const { page } = opened;
    const worker = await page.waitForEvent('worker', { timeout: 20_000 }).catch(() => page.workers()[0]);
    assert.match(worker?.url() ?? '', /^blob:/);
    assert.equal(await page.evaluate('document.documentElement.dataset.layout'), 'first');
    const first = await page.locator('#canvas').screenshot();
    await placed(page);
    assert.notDeepEqual(await page.locator('#canvas').screenshot(), first);
  });
});
