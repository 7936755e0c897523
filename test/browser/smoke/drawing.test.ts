/** The page of `graph html` in a real browser: 5 and 20 nodes, by pointer and by keys, with names that are out for mischief. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { PAGE_URL } from '../../../src/layout.ts';
import { drawn } from '../../../src/report/graph/text.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { needs } from '../../support/needs.ts';
import { CHROMIUM, drawnPixels, openFile, placed, startBrowser, until } from '../../support/picture/browser.ts';
import { drawnLink, drawnTopology, shapedTopology } from '../../support/picture/drawings.ts';

const EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>';

function html(topology: Topology): string {
  return drawn(topology, 'html', { page: readFileSync(new URL('index.html', PAGE_URL), 'utf8') }).text;
}

describe('the page of a drawing', needs(CHROMIUM), () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  for (const nodes of [5, 20]) {
    test(`shows ${nodes} nodes, loads nothing, and breaks no rule of its policy`, async () => {
      await using opened = await openFile(browser, html(shapedTopology('clos', { nodes, links: 2 })));
      const { page, told } = opened;
      await placed(page);
      assert.equal(await page.locator('#counts').textContent(), `${nodes} nodes, ${(nodes - 2) * 2} links`);
      assert.ok((await drawnPixels(page)) > 2000);
      assert.deepEqual(told.faults, []);
      assert.deepEqual(
        told.requests.filter((url) => !/^(file|data|blob):/.test(url)),
        [],
      );
    });
  }

  test('has a policy under which no text becomes code', async () => {
    await using opened = await openFile(browser, html(shapedTopology('ring')));
    const policy = await opened.page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    assert.match(policy ?? '', /default-src 'none'; script-src 'sha256-/);
    assert.doesNotMatch(policy ?? '', /unsafe|\*/);
    const evaluated = await opened.page.evaluate(
      "new Promise((resolve) => setTimeout(() => { try { resolve(Function('return 1')()) } catch { resolve('refused') } }))",
    );
    assert.equal(evaluated, 'refused');
  });

  test('finds, counts, and moves to what is found; Escape takes it back', async () => {
    await using opened = await openFile(browser, html(shapedTopology('clos', { nodes: 20, links: 2 })));
    const { page } = opened;
    await placed(page);
    await page.keyboard.press('/');
    await page.keyboard.type('leaf1');
    await until(page, "document.getElementById('found').value.startsWith('9 of 20 nodes')");
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#panel h2').textContent(), 'leaf1');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#panel').isHidden(), true);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#search').inputValue(), '');
    await page.locator('#search').fill('no such thing');
    await until(page, "document.getElementById('found').value === '0 of 20 nodes'");
  });

  test('leads from a node to its links and on by the panel, and by a click on the canvas', async () => {
    await using opened = await openFile(browser, html(shapedTopology('clos', { nodes: 5, links: 2 })));
    const { page } = opened;
    await placed(page);
    await page.locator('#search').fill('spine0');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#panel li').count(), 3);
    await page.locator('#panel li button').first().click();
    assert.equal(await page.locator('#panel h2').textContent(), 'spine0:eth0 – leaf0:eth0');
    assert.match((await page.locator('#panel').textContent()) ?? '', /10\.0\.0\.1\/30.*10\.0\.0\.2\/30/s);
    await page.keyboard.press('Escape');
    // What was gone to last is in the middle of the canvas.
    const box = await page.locator('#canvas').boundingBox();
    assert.ok(box);
    await page.locator('#search').fill('leaf2');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    // The canvas has the panel's room again in the next frame.
    await until(page, `document.getElementById('canvas').width === ${Math.round(box.width)}`);
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    assert.equal(await page.locator('#panel h2').textContent(), 'leaf2');
  });

  test('is reached by Tab from end to end, moves by arrows, and every control has a name', async () => {
    await using opened = await openFile(browser, html(shapedTopology('ring')));
    const { page } = opened;
    await placed(page);
    const reached: string[] = [];
    for (let step = 0; step < 9; step += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate<string>('document.activeElement.id'));
    }
    for (const id of ['search', 'layout', 'out', 'fit', 'in', 'theme', 'canvas']) assert.ok(reached.includes(id), id);
    await page.locator('#canvas').focus();
    const outline = await page.evaluate<string>("getComputedStyle(document.getElementById('canvas')).outlineStyle");
    assert.notEqual(outline, 'none');
    const before = await page.locator('#canvas').screenshot();
    await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(300);
    assert.notDeepEqual(await page.locator('#canvas').screenshot(), before);
    const nameless =
      await page.evaluate<number>(`[...document.querySelectorAll('button, input, select, canvas')].filter((each) =>
      !(each.textContent.trim() || each.getAttribute('aria-label') || each.closest('label')?.textContent.trim())).length`);
    assert.equal(nameless, 0);
  });

  test('is dark where the system is, and by its button', async () => {
    await using opened = await openFile(browser, html(shapedTopology('ring')), 'dark');
    const { page } = opened;
    const ground = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    assert.equal(await ground(), 'rgb(20, 24, 29)');
    await page.locator('#theme').click();
    assert.equal(await ground(), 'rgb(255, 255, 255)');
  });

  test('shows names as text, wherever they come from', async () => {
    const links = [
      drawnLink(`container ${EVIL}`, 'eth0', { bridge: EVIL, netemText: [EVIL], addresses: [EVIL] }),
      drawnLink('netns b', 'eth0', { bridge: EVIL }),
      drawnLink('netns c', 'eth0', { bridge: EVIL }),
      drawnLink(`netns ${EVIL}`, EVIL, { type: 'dummy' }),
    ];
    await using opened = await openFile(browser, html(drawnTopology(EVIL, links)));
    const { page, told } = opened;
    await placed(page);
    assert.equal(await page.locator('#lab').textContent(), EVIL);
    assert.equal(await page.title(), `${EVIL} – linkloom`);
    await page.locator('#search').fill('onerror');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#panel h2').textContent(), EVIL);
    await page.locator('#panel li button').first().click();
    assert.match((await page.locator('#panel').textContent()) ?? '', /<img src=x onerror=alert\(1\)>/);
    const box = await page.locator('#canvas').boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    assert.equal(await page.locator('img').count(), 0);
    assert.deepEqual(told.faults, []);
  });
});
