/** The built site in a real browser: narrow and wide, light and dark, its search, and that it asks no other server. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { needs } from '../support/needs.ts';
import { CHROMIUM, openPage, startBrowser } from '../support/picture/browser.ts';
import { type Served, serveSite } from '../support/site/server.ts';

const PAGES = [
  'index.html',
  'getting-started.html',
  'bridge-modes.html',
  'benchmarks.html',
  'reference/library.html',
  'examples/ci.html',
];
const WIDTHS = [360, 800, 1440];

/** How far the page reaches beyond the window, in pixels. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');

describe('the site', needs('root', CHROMIUM), () => {
  let browser: Browser;
  let site: Served;
  before(async () => {
    [browser, site] = [await startBrowser(), await serveSite()];
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
  });

  for (const scheme of ['light', 'dark'] as const) {
    for (const width of WIDTHS) {
      test(`is whole at ${width} pixels, ${scheme}`, async () => {
        await using opened = await openPage(browser, site.url, scheme);
        const { page, told } = opened;
        await page.setViewportSize({ width, height: 900 });
        for (const path of PAGES) {
          await page.goto(`${site.url}${path}`, { waitUntil: 'networkidle' });
          assert.equal(await overflow(page), 0, path);
          assert.equal(await page.locator('h1').count(), 1, path);
          assert.match(await page.title(), /linkloom/, path);
        }
        const isDark = await page.evaluate<boolean>("document.documentElement.classList.contains('dark')");
        assert.equal(isDark, scheme === 'dark');
        assert.deepEqual(told.faults, []);
        const elsewhere = told.requests.filter((url) => !url.startsWith(site.url) && !url.startsWith('data:'));
        assert.deepEqual(elsewhere, []);
      });
    }
  }

  test('finds a key, a verb and a fault without another server, and leads there', async () => {
    for (const [word, where] of [
      ['txqueuelen', /reference\/configuration\.html#links-txqueuelen$/],
      ['address-without-prefix', /diagnostics\.html#address-without-prefix$/],
    ] as const) {
      await using opened = await openPage(browser, site.url);
      const { page, told } = opened;
      await page.locator('.VPNavBarSearch button').first().click();
      await page.locator('.VPLocalSearchBox input').fill(word);
      const results = page.locator('.VPLocalSearchBox a.result');
      await results.first().waitFor();
      const links = await page.evaluate<string[]>(
        "[...document.querySelectorAll('.VPLocalSearchBox a.result')].map((each) => each.href)",
      );
      assert.ok(
        links.some((link) => where.test(link)),
        `${word}: ${links}`,
      );
      assert.deepEqual(
        told.requests.filter((url) => !url.startsWith(site.url) && !url.startsWith('data:')),
        [],
      );
    }
  });

  test('shows the pictures of the pages', async () => {
    await using opened = await openPage(browser, `${site.url}bridge-modes.html`);
    const sizes = await opened.page.evaluate<number[]>(
      "[...document.querySelectorAll('main img')].map((each) => each.naturalWidth)",
    );
    assert.equal(sizes.length, 4);
    assert.ok(
      sizes.every((size) => size > 0),
      String(sizes),
    );
  });
});
