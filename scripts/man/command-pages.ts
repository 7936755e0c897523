/** linkloom(1) and a page for each verb, from the table of verbs. */
import type { Flag } from '../../src/cli/flags/flag.ts';
import { FLAGS } from '../../src/cli/flags.ts';
import type { LoadedVerb } from '../../src/cli/verb.ts';
import { EXIT_STATUSES, flagFacts, sentence, usageOf } from '../reference/commands-page.ts';
import { ALL_VERBS } from '../reference/verbs.ts';
import { entry, head, heading, literal, paragraph } from './roff.ts';

/** File name → text. */
export function commandPages(version: string): ReadonlyMap<string, string> {
  const pages = ALL_VERBS.map((verb) => [`linkloom-${verb.name}.1`, verbPage(verb, version)] as const);
  return new Map([['linkloom.1', programPage(version)], ...pages]);
}

function programPage(version: string): string {
  return [
    head({ name: 'linkloom', section: 1, version, summary: 'make the links of emulated networks' }),
    heading('Synopsis'),
    paragraph('`linkloom` `VERB` [options]'),
    heading('Description'),
    paragraph(
      'linkloom reads a description of links and makes them, between containers and network namespaces. Each run looks at the ' +
        'kernel, compares it with the description, and changes only what differs. Without a verb it is the daemon, with the options of conlink.',
    ),
    heading('Verbs'),
    ...ALL_VERBS.map(({ name, summary }) => entry(`linkloom-${name}(1)`, sentence(summary))),
    heading('Environment'),
    paragraph(
      'Each option has a variable: `--default-mtu` is LINKLOOM_DEFAULT_MTU. An option counts more than its variable, and a variable more ' +
        'than the configuration.',
    ),
    heading('Exit status'),
    ...EXIT_STATUSES.map(([status, meaning]) => entry(status, sentence(meaning))),
    heading('Files'),
    entry('/run/netns/linkloom-LAB', 'The network namespace of the bridges of the lab LAB.'),
    entry('/run/linkloom/LAB.lock', 'Locked by whoever works on the lab LAB.'),
    entry('/run/linkloom/LAB/api.sock', 'The API of the daemon that has the lab LAB.'),
    heading('Examples'),
    literal('linkloom up -f lab.yaml\nlinkloom status -f lab.yaml\nlinkloom down --lab hello'),
    heading('See also'),
    paragraph('`linkloom.yaml`(5), `ip-netns`(8), `tc-netem`(8)'),
    '',
  ].join('\n');
}

function verbPage(verb: LoadedVerb, version: string): string {
  const {
    name,
    summary,
    description = summary,
    aliases = [],
    arguments: words = [],
    flags,
    examples,
    exitNotes,
  } = verb;
  const exits = exitNotes?.map((note) => /^(\S+) +(.*)$/s.exec(note) ?? ['', '', note]) ?? [];
  return [
    head({ name: `linkloom-${name}`, section: 1, version, summary }),
    heading('Synopsis'),
    paragraph(`\`${usageOf(verb)}\``),
    heading('Description'),
    paragraph(sentence(description)),
    ...(aliases.length > 0 ? [paragraph(`Also called ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`)] : []),
    ...(words.length > 0 ? [heading('Arguments')] : []),
    ...words.map(({ name: word, description: means, choices }) =>
      entry(word, sentence(choices ? `${means} (one of ${choices.join(', ')})` : means)),
    ),
    ...(flags.length > 0 ? [heading('Options')] : []),
    ...flags.map((flag) => {
      const { flags: term, description: means }: Flag = FLAGS[flag];
      return entry(term, `${sentence(means)} (${flagFacts(flag).join('; ')})`);
    }),
    ...(exits.length > 0 ? [heading('Exit status')] : []),
    ...exits.map(([, status = '', meaning = '']) => entry(status, sentence(meaning))),
    ...(examples.length > 0 ? [heading('Examples')] : []),
    ...examples.flatMap(([line, effect]) => [paragraph(sentence(effect)), literal(`linkloom ${line}`)]),
    heading('See also'),
    paragraph('`linkloom`(1), `linkloom.yaml`(5)'),
    '',
  ].join('\n');
}
