/** The page of a real daemon: a link is set down in the kernel by iproute2, then by the page's button, and the page shows it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { linkloom, startLinkloom } from '../support/bin.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';
import { needs } from '../support/needs.ts';
import { uniqueName } from '../support/netns.ts';
import { CHROMIUM, openPage, pixelsLike, placed, startBrowser, until } from '../support/picture/browser.ts';

const TOKEN = 'f5bqX2m0Yl7sTz9e';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const RED = [201, 34, 47] as const;

/** Notes what the health says, and the most red pixels that are on the canvas while it says that a link is down. */
const WATCH = `(() => {
  const [health, canvas, { dataset }] = [document.getElementById('health'), document.getElementById('canvas'), document.body];
  const redPixels = () => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (Math.abs(data[at] - ${RED[0]}) + Math.abs(data[at + 1] - ${RED[1]}) + Math.abs(data[at + 2] - ${RED[2]}) < 30) count += 1;
    }
    dataset.red = Math.max(Number(dataset.red ?? 0), count);
  };
  new MutationObserver(() => {
    const last = (dataset.healths ?? '').split(';').at(-2);
    if (last !== health.textContent) dataset.healths = (dataset.healths ?? '') + health.textContent + ';';
    if (health.textContent === '1 link down') requestAnimationFrame(() => requestAnimationFrame(redPixels));
  }).observe(health, { childList: true, characterData: true, subtree: true });
})()`;

describe('the page of a daemon', { timeout: 180_000, ...needs('root', 'program:ip', CHROMIUM) }, () => {
  const lab = uniqueName('p');
  let browser: Browser;
  let folder: Folder;
  before(async () => {
    browser = await startBrowser();
    folder = temporaryFolder('page');
  });
  after(async () => {
    await browser.close();
    await linkloom(['down', '--lab', lab]);
    folder[Symbol.dispose]();
  });

  test('shows the lab, and a link that somebody sets down in the kernel in red until the daemon has put it back; one set by its buttons stays so', async () => {
    const [file, token] = [join(folder.path, 'lab.json'), join(folder.path, 'token')];
    const links = ['a', 'b', 'c'].flatMap((node, at) => [
      { netns: lab + node, bridge: `w${at}`, dev: 'east', ip: `10.0.${at}.1/30` },
      { netns: `${lab}${'bca'[at]}`, bridge: `w${at}`, dev: 'west', ip: `10.0.${at}.2/30` },
    ]);
    writeFileSync(file, JSON.stringify({ lab, links }));
    writeFileSync(token, TOKEN, { mode: 0o600 });
    await using daemon = startLinkloom(['daemon', '-f', file, '--listen', '127.0.0.1:0', '--token-file', token]);
    await daemon.until(/All links connected/);
    const [, port] = /API: http:\/\/127\.0\.0\.1:(\d+)/.exec(daemon.output()) ?? [];
    await using opened = await openPage(browser, `http://127.0.0.1:${port}/#token=${TOKEN}`);
    const { page, told } = opened;
    await placed(page);
    await until(page, "document.getElementById('health').textContent === 'all links up'");
    assert.equal(await page.locator('#counts').textContent(), '3 nodes, 3 links');
    // The daemon puts the link back within a moment: what is seen meanwhile is noted in the page.
    await page.evaluate(WATCH);
    execFileSync('ip', ['-n', `${lab}a`, 'link', 'set', 'east', 'down']);
    await until(page, "document.body.dataset.healths?.includes('1 link down;all links up;')");
    assert.ok(Number(await page.evaluate('document.body.dataset.red')) > 30, 'red was drawn');
    assert.equal(await pixelsLike(page, RED), 0);
    const lines = page.locator('#timeline li');
    await until(page, "document.querySelector('#timeline li[data-type=mended]') !== null");
    assert.equal(await page.locator('#timeline li[data-type=admin]').filter({ hasText: 'up → down' }).count(), 1);
    await lines.filter({ hasText: 'mended' }).locator('button').first().click();
    const part = page.locator(`#panel section[data-link="${lab}a:east"]`);
    await part.filter({ hasText: /up \(UP\).*10\.0\.0\.1\/30/ }).waitFor();

    // By the button it stays down, in the kernel as on the page, until it is set up again.
    const stateOf = (): string =>
      execFileSync('ip', ['-n', `${lab}a`, '-br', 'link', 'show', 'east'], { encoding: 'utf8' });
    await part.locator('button[data-action=down]').click();
    await until(page, "document.getElementById('health').textContent === '1 link down'");
    await part.filter({ hasText: 'by hand: state down' }).waitFor();
    // The daemon looks the whole lab over, and leaves it.
    const looked = await fetch(`http://127.0.0.1:${port}/reconcile`, { method: 'POST', headers: AUTHORIZED });
    assert.equal(looked.status, 200);
    assert.match(stateOf(), /DOWN/);
    assert.equal(await page.locator('#health').textContent(), '1 link down');
    assert.ok((await pixelsLike(page, RED)) > 30, 'it stays red');
    await part.locator('button[data-action=up]').click();
    await until(page, "document.getElementById('health').textContent === 'all links up'");
    assert.match(stateOf(), /UP/);
    await part.filter({ hasNotText: 'by hand: ' }).waitFor();
    assert.equal(await pixelsLike(page, RED), 0);

    // Slow or narrow, as this kernel can, and as configured again.
    await part.locator('button[data-action=narrow]').click();
    await part.filter({ hasText: 'by hand: rate 1mbit' }).waitFor();
    await part.locator('button[data-action=reset]').click();
    await part.filter({ hasNotText: 'by hand: ' }).waitFor();
    assert.deepEqual(told, { ...told, faults: [] });
    assert.ok(told.requests.every((url) => !url.includes(TOKEN)));
  });
});
