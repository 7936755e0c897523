/**
 * The site, from the pages of the repository to checked files in `site/dist/`. `npm run docs` (`docs.mjs`) installs the generators in
 * `site/` and then calls this. LINKLOOM_SITE_BASE is the path that the site will have on its server; `/` unless given.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { faultsOfSite } from './built.ts';
import { libraryPage } from './library-page.ts';
import { LIBRARY_PAGE, ROOT, sitePages, sitePictures } from './pages.ts';
import { stalePictures } from './pictures.ts';

const SITE = join(ROOT, 'site');
const STAGE = join(SITE, 'stage');
const BUILT = join(SITE, 'dist');
const base = process.env['LINKLOOM_SITE_BASE'] ?? '/';

/** Runs a program of `site/node_modules`, and shows what it says. Ends this process where it fails. */
async function run(program: string, args: readonly string[]): Promise<void> {
  const { exitCode } = await execa(join(SITE, 'node_modules/.bin', program), args, {
    cwd: SITE,
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
  });
  if (exitCode !== 0) process.exit(exitCode ?? 1);
}

function stage(): void {
  rmSync(STAGE, { recursive: true, force: true });
  const write = (page: string, text: string): void => {
    mkdirSync(dirname(join(STAGE, page)), { recursive: true });
    writeFileSync(join(STAGE, page), text);
  };
  for (const [page, text] of sitePages()) write(page, text);
  for (const [picture, file] of sitePictures()) {
    mkdirSync(dirname(join(STAGE, picture)), { recursive: true });
    cpSync(join(ROOT, file), join(STAGE, picture));
  }
}

/** The page of the library, which typedoc writes from `src/index.ts`. A name without a docstring is a fault. */
async function writeLibrary(): Promise<void> {
  const out = join(SITE, 'stage-library');
  await run('typedoc', ['--options', 'typedoc.json', '--out', out]);
  writeFileSync(join(STAGE, LIBRARY_PAGE), libraryPage(readFileSync(join(out, 'index.md'), 'utf8')));
  rmSync(out, { recursive: true });
}

stage();
await writeLibrary();
await run('vitepress', ['build', '.']);
const faults = [...stalePictures(), ...faultsOfSite(BUILT, base)];
for (const fault of faults) process.stderr.write(`${fault}\n`);
if (faults.length > 0) process.exitCode = 1;
else process.stdout.write(`The site is in ${BUILT}\n`);
