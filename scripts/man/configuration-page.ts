/** linkloom.yaml(5), from the schema and the facts of the configuration reference. */
import { factLines, keysOf } from '../reference/keys.ts';
import { SECTIONS } from '../reference/sections.ts';
import { entry, head, heading, literal, paragraph } from './roff.ts';

export function configurationManPage(version: string): string {
  return [
    head({ name: 'linkloom.yaml', section: 5, version, summary: 'configuration of linkloom' }),
    heading('Description'),
    paragraph(
      'A configuration describes links, in YAML or JSON. `linkloom validate -f FILE` checks one. It stands in a file of its own, or in a compose ' +
        'file under `x-network`.',
    ),
    literal(
      'lab: hello\nlinks:\n  - {netns: alice, bridge: lan, dev: eth0, ip: 10.0.0.1/24}\n  - {netns: bob, bridge: lan, dev: eth0, ip: 10.0.0.2/24}',
    ),
    ...SECTIONS.flatMap((section) => [
      heading(section.name),
      paragraph(`${section.title}. ${section.about}`),
      ...keysOf(section).map((key) => {
        const facts = factLines(key).map(([name, value]) => `${name}: ${value}.`);
        return entry(
          key.name,
          `${key.description.charAt(0).toUpperCase()}${key.description.slice(1)}. ${facts.join(' ')}`,
        );
      }),
    ]),
    heading('See also'),
    paragraph('`linkloom`(1), `linkloom-validate`(1), `linkloom-schema`(1)'),
    '',
  ].join('\n');
}
