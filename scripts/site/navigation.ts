/** The navigation of the site: every page once, by what a reader comes for. */
import { sitePages } from './pages.ts';

export interface Chapter {
  readonly title: string;
  /** The first line of a page is its title here, unless it has a shorter one. */
  readonly pages: readonly (string | readonly [page: string, title: string])[];
}

export const NAVIGATION: readonly Chapter[] = [
  {
    title: 'Start',
    pages: [
      ['index.md', 'What it is'],
      'getting-started.md',
      'concepts.md',
      ['verbs.md', 'Verbs at a glance'],
      ['configuration.md', 'Configuration at a glance'],
      'bridge-modes.md',
      ['examples/index.md', 'Examples'],
    ],
  },
  {
    title: 'Come from',
    pages: [
      ['from-conlink.md', 'conlink'],
      ['from-containerlab.md', 'containerlab'],
      ['from-kathara-mininet.md', 'Kathara, Mininet'],
      ['conlink-parity.md', 'conlink, row by row'],
      ['differences.md', 'Differences to conlink'],
    ],
  },
  {
    title: 'Guides',
    pages: [
      ['whole-lab.md', 'A whole lab in one file'],
      ['nodes.md', 'Nodes that linkloom makes'],
      ['compose.md', 'Compose files'],
      ['host.md', 'The host and its bridges'],
      ['hosts.md', 'Several hosts'],
      ['generate.md', 'Generate networks'],
      ['import.md', 'Import labs and graphs'],
      ['export.md', 'Export'],
      ['set.md', 'Change running links'],
      ['play.md', 'Play timelines'],
      ['check.md', 'Check what is reached'],
      ['verify.md', 'Prove the wiring'],
      ['capture.md', 'Capture packets'],
      ['pictures.md', 'Pictures and the live page'],
      ['ci.md', 'CI'],
      ['editor.md', 'Editors'],
    ],
  },
  {
    title: 'Operate',
    pages: [
      ['needs.md', 'Needs and limits'],
      ['doctor.md', 'doctor'],
      ['rootless.md', 'Without root'],
      ['large-labs.md', 'Large labs'],
      ['status.md', 'status'],
      ['events.md', 'Events'],
      ['api.md', 'API and metrics'],
      ['operation.md', 'What survives what'],
      ['troubleshooting.md', 'Trouble'],
      ['security.md', 'Security'],
    ],
  },
  {
    title: 'Reference',
    pages: [
      ['reference/configuration.md', 'Every key'],
      ['reference/commands.md', 'Every command'],
      ['diagnostics.md', 'Every fault'],
      ['library.md', 'Library'],
      ['reference/library.md', 'Library: functions and types'],
    ],
  },
  {
    title: 'Inside',
    pages: [
      ['how-it-works.md', 'How it works'],
      ['design-decisions.md', 'Design decisions'],
      ['benchmarks.md', 'Benchmarks'],
      ['contributing.md', 'Contributing'],
      ['release.md', 'Releasing'],
      ['changelog.md', 'Changelog'],
      ['licence.md', 'Licence'],
    ],
  },
];

interface Item {
  readonly text: string;
  readonly link: string;
}

/** The chapters as VitePress takes them; the examples have one of their own. */
export function sidebar(): readonly { text: string; collapsed: boolean; items: readonly Item[] }[] {
  const pages = sitePages();
  const itemOf = (entry: Chapter['pages'][number]): Item => {
    const [page, title] = typeof entry === 'string' ? [entry, titleOf(pages.get(entry) ?? '')] : entry;
    return { text: title, link: `/${page.replace(/index\.md$|\.md$/, '')}` };
  };
  const examples = [...pages.keys()].filter((page) => /^examples\/(?!index)/.test(page));
  const ofExamples = examples.map((page) => itemOf([page, page.replace(/^examples\/|\.md$/g, '')]));
  return [
    ...NAVIGATION.map(({ title, pages }) => ({ text: title, collapsed: false, items: pages.map(itemOf) })),
    { text: 'Examples', collapsed: true, items: ofExamples },
  ];
}

function titleOf(text: string): string {
  return /^# (.*)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? '';
}
