import { printDocument } from '../../config/text/document.ts';
import type { GeneratedConfig } from './generate.ts';
import type { WholeLab } from './whole-lab.ts';

/** Matches text that YAML 1.1 and 1.2 both read as a string without quotes, except YAML_WORDS. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_-]*$|^[0-9.]+\/[0-9]+$/;
/** Matches words that YAML 1.1 or 1.2 reads as a boolean or as null. */
const YAML_WORDS = /^(true|false|null|yes|no|on|off|y|n)$/i;

/**
 * A generated configuration as text, one link a line. A YAML library would take a second for ten thousand links, so
 * this function writes the text itself.
 */
export function printConfig(config: GeneratedConfig, format: 'yaml' | 'json'): string {
  return format === 'yaml' ? printYaml(config) : printJson(config);
}

function printYaml({ lab, bridges, links }: GeneratedConfig): string {
  const head = lab === undefined ? '' : `lab: ${yamlScalar(lab)}\n`;
  const list = (key: string, items: readonly object[] | undefined): string =>
    items === undefined ? '' : `${key}:\n${items.map((item) => `  - ${yamlMap(item)}\n`).join('')}`;
  return head + list('bridges', bridges) + list('links', links);
}

function yamlMap(item: object): string {
  const pairs = Object.entries(item).map(([key, value]) => `${key}: ${yamlScalar(value)}`);
  return `{${pairs.join(', ')}}`;
}

function yamlScalar(value: unknown): string {
  return typeof value === 'string' && PLAIN.test(value) && !YAML_WORDS.test(value) ? value : JSON.stringify(value);
}

function printJson({ lab, bridges, links }: GeneratedConfig): string {
  const members = lab === undefined ? [] : [`"lab": ${JSON.stringify(lab)}`];
  for (const [key, items] of Object.entries({ bridges, links })) {
    if (items !== undefined) members.push(`"${key}": [\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]`);
  }
  return `{\n${members.join(',\n')}\n}\n`;
}

/** A whole lab as text. Its wires stand one a line; a large lab has little else. */
export function printWholeLab({ wires, ...rest }: WholeLab, format: 'yaml' | 'json'): string {
  if (format === 'json') {
    const head = printDocument(rest, 'json').replace(/\n}\n$/, '');
    return `${head},\n  "wires": [\n${wires.map((wire) => JSON.stringify(wire)).join(',\n')}\n  ]\n}\n`;
  }
  return `${printDocument(rest, 'yaml')}wires:\n${wires.map(([a, b]) => `  - [${a}, ${b}]\n`).join('')}`;
}
