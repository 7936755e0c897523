/** Runs the pages in Debian's chromium. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

export const CHROMIUM = 'program:chromium';

/** What a page has said: faults, and what its policy refused. */
interface Told {
  readonly faults: string[];
  /** Addresses that it asked for. */
  readonly requests: string[];
}

interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  readonly told: Told;
}

/** A browser that ends with its block. */
export async function startBrowser(): Promise<Browser & AsyncDisposable> {
  // Root has no sandbox of chromium's own.
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  return browser as Browser & AsyncDisposable;
}

/** A new page at an address, which records all that it says. */
export async function openPage(browser: Browser, url: string, scheme: 'light' | 'dark' = 'light'): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: scheme });
  const page = await context.newPage();
  const told: Told = { faults: [], requests: [] };
  page.on('pageerror', (error) => told.faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') told.faults.push(message.text());
  });
  page.on('dialog', (dialog) => {
    told.faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => told.requests.push(request.url()));
  await page.goto(url);
  return { page, told, [Symbol.asyncDispose]: () => context.close() };
}

/** A page that is opened from a file, as a user does with what `graph html` printed. */
export async function openFile(browser: Browser, html: string, scheme: 'light' | 'dark' = 'light'): Promise<OpenPage> {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  const file = join(folder, 'page.html');
  writeFileSync(file, html);
  const opened = await openPage(browser, pathToFileURL(file).href, scheme);
  return {
    ...opened,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until an expression is true in the page. It is asked from outside, since the page's policy lets nothing be evaluated in it. */
export async function until(page: Page, expression: string, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await page.evaluate<boolean>(`Boolean(${expression})`))) {
    if (Date.now() > deadline) throw new Error(`after ${timeoutMs} ms not yet: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** Waits until the layout is what it is to be. */
export async function placed(page: Page): Promise<void> {
  await until(page, "document.documentElement.dataset.layout === 'done'", 120_000);
}

/** How many pixels of the canvas have another colour than its corner; a picture that is not drawn has none. */
export async function drawnPixels(page: Page): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.getElementById('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] !== data[0] || data[at + 1] !== data[1] || data[at + 2] !== data[2]) count += 1;
    }
    return count;
  })()`);
}

/** How many pixels of the canvas have nearly this colour. */
export async function pixelsLike(page: Page, [red, green, blue]: readonly [number, number, number]): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.getElementById('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (Math.abs(data[at] - ${red}) + Math.abs(data[at + 1] - ${green}) + Math.abs(data[at + 2] - ${blue}) < 30) count += 1;
    }
    return count;
  })()`);
}
