/** The page of a running lab, against a server that answers as the daemon does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { graphOf } from '../../../src/report/graph/model.ts';
import { needs } from '../../support/needs.ts';
import { CHROMIUM, openPage, pixelsLike, placed, startBrowser, until } from '../../support/picture/browser.ts';
import { drawnLink, drawnTopology, shapedTopology } from '../../support/picture/drawings.ts';
import { FakeDaemon, TOKEN } from '../../support/picture/fake-daemon.ts';

const RED = [201, 34, 47] as const;
const EVIL = '<img src=x onerror=alert(1)>';

function isRed(page: Page): Promise<boolean> {
  return pixelsLike(page, RED).then((count) => count > 30);
}

async function waitForRed(page: Page, wanted: boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while ((await isRed(page)) !== wanted) {
    assert.ok(Date.now() < deadline, `not yet ${wanted ? 'red' : 'without red'}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('the page of a running lab', needs(CHROMIUM), () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  test('turns a link red when it goes down, says so in the timeline, and sets it up again by a button', async () => {
    await using daemon = new FakeDaemon(graphOf(shapedTopology('clos', { nodes: 5, links: 2 })));
    const address = await daemon.listen();
    await using opened = await openPage(browser, `${address}#token=${encodeURIComponent(TOKEN)}`);
    const { page, told } = opened;
    await placed(page);
    await until(page, "document.getElementById('health').textContent === 'all links up'");
    assert.equal(await isRed(page), false);
    assert.equal(new URL(page.url()).hash, '');

    await daemon.followed();
    daemon.setUp('leaf1:eth0', false);
    await waitForRed(page, true);
    await until(page, "document.getElementById('health').textContent === '1 link down'");
    const line = page.locator('#timeline li').first();
    assert.match((await line.textContent()) ?? '', /admin.*leaf1:eth0.*up → down/);

    await line.locator('button').click();
    const part = page.locator('#panel section[data-link="leaf1:eth0"]');
    assert.match((await part.textContent()) ?? '', /down \(DOWN\), wanted up, MTU 1500/);
    await part.locator('button[data-action="up"]').click();
    await waitForRed(page, false);
    assert.deepEqual(daemon.changes, ['POST /links/leaf1%3Aeth0/set {"up":true}']);
    assert.deepEqual(told.faults, []);
    assert.ok(daemon.addresses.every((path) => !path.includes('token')));
  });

  test('shows addresses, counters with their course, the other end and how to capture; delays and resets', async () => {
    await using daemon = new FakeDaemon(graphOf(shapedTopology('ring')));
    const address = await daemon.listen();
    await using opened = await openPage(browser, `${address}#token=${encodeURIComponent(TOKEN)}`);
    const { page } = opened;
    await placed(page);
    await page.locator('#search').fill('n0:eth0');
    await page.keyboard.press('Enter');
    const part = page.locator('#panel section[data-link="n0:eth0"]');
    for (const link of daemon.links.values()) link.bytes = 5_000_000;
    await until(page, "/[1-9][.0-9]* [kM]bit/.test(document.querySelector('#panel table')?.textContent ?? '')");
    const text = (await part.textContent()) ?? '';
    for (const wanted of [
      '10.0.0.1/24',
      'c2:00:00:00:00:01',
      'other end: netns/n1:eth',
      'linkloom capture --lab ring n0:eth0',
      '5000000',
    ]) {
      assert.ok(text.includes(wanted), wanted);
    }
    assert.ok((await part.locator('svg polyline').count()) === 2);
    await part.locator('button[data-action="slow"]').focus();
    await page.keyboard.press('Enter');
    await until(page, "document.getElementById('panel').textContent.includes('delay 200ms')");
    assert.equal(await page.evaluate('document.activeElement.dataset.action'), 'slow');
    await part.locator('button[data-action="reset"]').click();
    await until(page, "!document.getElementById('panel').textContent.includes('delay 200ms')");
    assert.deepEqual(daemon.changes, ['POST /links/n0%3Aeth0/set {"delay":"200ms"}', 'POST /links/n0%3Aeth0/reset {}']);
  });

  test('draws groups as boxes by the keyboard alone, coloured by the links that went in, with all of them in the panel', async () => {
    await using daemon = new FakeDaemon(graphOf(shapedTopology('clos', { nodes: 5, links: 2 })));
    const address = await daemon.listen();
    await using opened = await openPage(browser, `${address}#token=${encodeURIComponent(TOKEN)}`);
    const { page, told } = opened;
    await placed(page);
    const counts = await page.locator('#counts').textContent();
    for (let tabs = 0; (await page.evaluate('document.activeElement.id')) !== 'groups'; tabs++) {
      assert.ok(tabs < 20, 'the field is reached by Tab');
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type('leaves=leaf* spine* x*');
    await page.keyboard.press('Enter');
    await until(page, "/^2 nodes, /.test(document.getElementById('counts').textContent)");
    await placed(page);
    assert.equal(await page.locator('#folded').textContent(), 'x*: no node has such a name');
    assert.equal(await page.locator('#groups').getAttribute('aria-invalid'), 'true');
    await daemon.followed();
    daemon.setUp('leaf1:eth0', false);
    await waitForRed(page, true);
    await until(page, "document.getElementById('health').textContent === '1 link down'");
    await page.locator('#timeline li button').first().click();
    // The one that is down comes first of all.
    assert.equal(await page.locator('#panel section').first().getAttribute('data-link'), 'leaf1:eth0');

    // Within a group it has no edge, and is counted all the same.
    await page.locator('#groups').fill('all=*');
    await page.keyboard.press('Enter');
    await until(page, "/^1 node, 0 links/.test(document.getElementById('counts').textContent)");
    assert.equal(await page.locator('#health').textContent(), '1 link down');
    await page.locator('#groups').fill('');
    await page.keyboard.press('Enter');
    await until(page, `document.getElementById('counts').textContent === ${JSON.stringify(counts)}`);
    await waitForRed(page, true);
    assert.deepEqual(told.faults, []);
  });

  test('asks for a token, and says when it is wrong', async () => {
    await using daemon = new FakeDaemon(graphOf(shapedTopology('ring')));
    await using opened = await openPage(browser, await daemon.listen());
    const { page } = opened;
    await until(page, "document.getElementById('health').textContent === 'no token is given'");
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await until(page, "document.getElementById('health').textContent === 'the token is wrong'");
    await page.keyboard.type(TOKEN);
    await page.keyboard.press('Enter');
    await placed(page);
    await until(page, "document.getElementById('health').textContent === 'all links up'");
    assert.ok(daemon.addresses.every((path) => !path.includes('token') && !path.includes('wrong')));
  });

  test('shows what comes from the lab as text', async () => {
    const links = ['a', 'b'].map((node) => drawnLink(`netns ${node}${EVIL}`, 'eth0', { bridge: EVIL }));
    await using daemon = new FakeDaemon(graphOf(drawnTopology(EVIL, links)));
    const address = await daemon.listen();
    await using opened = await openPage(browser, `${address}#token=${encodeURIComponent(TOKEN)}`);
    const { page, told } = opened;
    await placed(page);
    await daemon.followed();
    daemon.tell({ type: EVIL, subject: { kind: EVIL, name: EVIL }, message: EVIL, cause: EVIL });
    daemon.setUp(`a${EVIL}:eth0`, false);
    await until(page, "document.querySelectorAll('#timeline li').length === 2");
    await page.locator('#timeline button').click();
    assert.ok(((await page.locator('#panel').textContent()) ?? '').includes(EVIL));
    assert.equal(await page.locator('img').count(), 0);
    assert.deepEqual(told.faults, []);
  });
});
