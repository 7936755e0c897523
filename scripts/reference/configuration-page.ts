/** The text of docs/reference/configuration.md, from the schema and the facts beside this file. */
import { factLines, type Key, keysOf } from './keys.ts';
import { SECTIONS } from './sections.ts';

const INTRODUCTION = `# The configuration, key by key

Written by \`npm run docs:reference\` from src/config/ and scripts/reference/: edit those.

A configuration is YAML or JSON. \`linkloom validate -f FILE\` checks it and touches nothing. \`linkloom schema\` prints its JSON Schema,
which editors use. "When edited" says what the next \`up\` does with a link that is there.

`;

export function configurationPage(): string {
  const contents = SECTIONS.map(({ name, title }) => `- [\`${name}\`](#${name}): ${title.toLowerCase()}`).join('\n');
  const sections = SECTIONS.map((section) => {
    const keys = keysOf(section).map(keyText).join('\n');
    return `## ${section.name}\n\n${section.title}. ${section.about}\n\n${keys}`;
  });
  return `${INTRODUCTION}${contents}\n\n${sections.join('\n')}`;
}

function keyText(key: Key): string {
  const facts = factLines(key)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n');
  const heading = `### ${key.section.name}: ${key.name}`;
  return `${heading}\n\n${sentence(key.description)}\n\n${facts}\n\n\`\`\`yaml\n${key.example}\`\`\`\n`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
