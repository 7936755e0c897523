/** How VitePress makes the site. Nothing comes from another server: no font, no script, and the search is in the site. */
import { defineConfig } from 'vitepress';
import { anchorOf } from '../../dist/scripts/site/markdown.js';
import { sidebar } from '../../dist/scripts/site/navigation.js';

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M8 8 24 24M8 24 24 8" stroke="#2f7d6d" stroke-width="3"/>' +
  '<g fill="#2f7d6d"><circle cx="8" cy="8" r="5"/><circle cx="24" cy="24" r="5"/><circle cx="8" cy="24" r="5"/><circle cx="24" cy="8" r="5"/></g></svg>';

export default defineConfig({
  title: 'linkloom',
  titleTemplate: ':title · linkloom',
  description: 'The links of emulated networks, between containers and Linux network namespaces',
  lang: 'en',
  base: process.env.LINKLOOM_SITE_BASE ?? '/',
  srcDir: 'stage',
  outDir: 'dist',
  cacheDir: '.vitepress/cache',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  markdown: {
    // Words in angle brackets are words; no page has HTML.
    html: false,
    anchor: { slugify: anchorOf },
    toc: { slugify: anchorOf },
    // Braces in the text are no expressions.
    config: ({ renderer: { rules } }) => {
      for (const kind of ['text', 'code_inline']) {
        const plain = rules[kind];
        rules[kind] = (...args) => plain(...args).replaceAll('{{', '&#123;&#123;');
      }
    },
  },
  // The index of the search is one piece.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    sidebar: sidebar(),
    outline: { level: [2, 3], label: 'On this page' },
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
  },
});
