/**
 * `npm run docs:pictures`: the pictures of docs/pictures/, taken in chromium: drawings of generated networks, and a lab that runs in
 * namespaces of its own, with a link that is limited and one that is down. Needs root and Debian's chromium.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { linkloom, ROOT, startLinkloom } from '../test/support/bin.ts';
import { openFile, openPage, placed, startBrowser } from '../test/support/picture/browser.ts';
import { enterSandbox } from './sandbox.ts';
import { sourcesOfPictures, TAKEN_FROM } from './site/pictures.ts';

const TARGET = join(ROOT, 'docs/pictures');
const TOKEN = 'a token for one picture';
const SIZE = { width: 1000, height: 640 };
const DRAWINGS: readonly (readonly [name: string, shape: string, ...options: readonly string[]])[] = [
  ['fabric', 'fat-tree', '--links', '8'],
  ['mesh', 'torus', '--nodes', '100'],
];

const status = await enterSandbox({ network: true });
if (status === null) await takeAll();
else process.exitCode = status;

async function takeAll(): Promise<void> {
  mkdirSync(TARGET, { recursive: true });
  await using browser = await startBrowser();
  for (const [name, ...shape] of DRAWINGS) {
    const { stdout: config } = await linkloom(['generate', ...shape, '--lab', name]);
    const { stdout: html } = await linkloom(['graph', 'html', '-f', '-'], { input: config });
    await using opened = await openFile(browser, html);
    await take(opened.page, name);
  }
  await takeLive(browser);
  writeFileSync(TAKEN_FROM, `${sourcesOfPictures()}\n`);
}

async function take(page: Page, name: string): Promise<void> {
  await page.setViewportSize(SIZE);
  await placed(page);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await page.screenshot({ path: join(TARGET, `${name}.png`) });
}

/** A small fabric that runs; its daemon ends with the block, and takes the lab along. */
async function takeLive(browser: Browser): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  try {
    const [file, token] = [join(folder, 'lab.yaml'), join(folder, 'token')];
    writeFileSync(
      file,
      (await linkloom(['generate', 'clos', '--nodes', '7', '--links', '2', '--lab', 'fabric'])).stdout,
    );
    writeFileSync(token, TOKEN.replaceAll(' ', '-'), { mode: 0o600 });
    const daemon = startLinkloom(['daemon', '-f', file, '--listen', '127.0.0.1:0', '--token-file', token]);
    await daemon.until(/All links connected/);
    const [, port] = /API: http:\/\/127\.0\.0\.1:(\d+)/.exec(daemon.output()) ?? [];
    await using opened = await openPage(
      browser,
      `http://127.0.0.1:${port}/#token=${TOKEN.replaceAll(' ', '-')}`,
      'dark',
    );
    await placed(opened.page);
    execFileSync('ip', ['netns', 'exec', 'leaf0', 'ping', '-q', '-c', '40', '-i', '0.05', '-s', '1400', '10.0.0.1']);
    await linkloom(['set', '--lab', 'fabric', 'leaf2:eth0', '--down']);
    await linkloom(['set', '--lab', 'fabric', 'leaf4:eth0', '--rate', '1mbit']);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await opened.page.locator('#timeline button').first().click();
    await opened.page.locator('#fit').click();
    await take(opened.page, 'live');
    daemon.child.kill('SIGTERM');
    await daemon.child;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
