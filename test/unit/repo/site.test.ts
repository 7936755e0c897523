/** What the site is made of, without building it: every page has a place, and every link leads somewhere. `test/site/` looks at what is built. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { faultsOfSite } from '../../../scripts/site/built.ts';
import { libraryPage } from '../../../scripts/site/library-page.ts';
import { anchorsOf, linksOf } from '../../../scripts/site/markdown.ts';
import { NAVIGATION } from '../../../scripts/site/navigation.ts';
import { LIBRARY_PAGE, sitePages, sitePictures } from '../../../scripts/site/pages.ts';
import { ROOT } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';

// Reading throws where a page links to a file that the repository does not have.
const pages = sitePages();

test('each page has one place in the navigation (scripts/site/navigation.ts)', () => {
  const shown = NAVIGATION.flatMap(({ pages: entries }) =>
    entries.map((entry) => (typeof entry === 'string' ? entry : entry[0])),
  );
  const wanted = [...pages.keys(), LIBRARY_PAGE].filter((page) => !/^examples\/(?!index)/.test(page));
  assert.deepEqual([...shown].sort(), wanted.sort());
});

describe('each link leads to a page, a picture or a heading that the site has', () => {
  const anchors = new Map([...pages].map(([page, text]) => [page, anchorsOf(text)]));
  for (const [page, text] of pages) {
    test(page, () => {
      for (const target of linksOf(text)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const other = file === '' ? page : posix.join(posix.dirname(page), file);
        const isThere = pages.has(other) || other === LIBRARY_PAGE || sitePictures().has(other);
        assert.ok(isThere, `${target} leads nowhere`);
        if (anchor !== undefined) assert.ok(anchors.get(other)?.includes(anchor), `${target}: no such heading`);
      }
    });
  }
});

test('links in code are none, and those with pictures and code in their words are', () => {
  const text = '[`a`](one.md) `[b](two.md)` [![c](c.png)](three.md)\n```sh\n[d](four.md)\n```\n';
  assert.deepEqual(linksOf(text), ['one.md', 'three.md']);
});

test('each name that the library exports has a docstring', () => {
  const index = readFileSync(join(ROOT, 'src/index.ts'), 'utf8');
  const silent = [...index.matchAll(/export (?:type )?\{([^}]*)\} from '([^']*)'/g)].flatMap(
    ([, names = '', from = '']) => {
      const source = readFileSync(join(ROOT, 'src', from), 'utf8');
      return names
        .split(',')
        .map((name) => name.replace(/\btype\b/, '').trim())
        .filter((name) => name !== '')
        .filter(
          (name) =>
            !new RegExp(`\\*/\\nexport (?:async )?(?:class|const|function\\*?|interface|type) ${name}\\b`).test(source),
        );
    },
  );
  assert.deepEqual(silent, []);
});

test('the page of the library leads to types by name, also where a function is called as a type', () => {
  const text =
    '## Functions\n\n### plan()\n\n[`Plan`](#plan-7) [`emit`](#property-emit)\n\n## Types\n\n### Plan\n\n<a id="property-emit"></a> `emit`\n';
  const page = libraryPage(text);
  assert.match(page, /\[`Plan`\]\(#plan-1\) `emit`\n/);
  assert.doesNotMatch(page, /<a/);
});

describe('a built site is refused', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['<a href="/base/gone.html">x</a>', /gone\.html leads nowhere/],
    ['<a href="/other/">x</a>', /not under \/base\//],
    ['<a class="x" href="other.html#gone">x</a>', /#gone: there is no such heading/],
    ['<script src="https://cdn.example/x.js"></script>', /loads https:\/\/cdn\.example\/x\.js from another server/],
    ['<link rel="stylesheet" href="//fonts.example/x.css">', /another server/],
    ['<img alt="" src="/base/none.png">', /none\.png leads nowhere/],
  ];
  for (const [html, fault] of wrong) {
    test(html, () => {
      using folder = temporaryFolder('site');
      writeFileSync(join(folder.path, 'other.html'), '<h2 id="there">x</h2>');
      writeFileSync(
        join(folder.path, 'index.html'),
        `<a href="/base/other.html#there">x</a><a href="https://a.example/">y</a>${html}`,
      );
      const faults = faultsOfSite(folder.path, '/base/');
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0] ?? '', fault);
    });
  }
});
