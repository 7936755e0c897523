/** The schemas in yaml-language-server, which VS Code, Neovim and others use: faults, hovers and completion in files of both kinds. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT } from '../support/bin.ts';
import { LanguageServer, type Position } from '../support/site/language-server.ts';

/** The place behind the first appearance of a text. */
function behind(text: string, part: string): Position {
  const lines = text.slice(0, text.indexOf(part) + part.length).split('\n');
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

const modeline = (schema: string): string => `# yaml-language-server: $schema=./schema/${schema}.schema.json\n`;

describe('yaml-language-server with the schemas', () => {
  let server: LanguageServer;
  let files = 0;
  before(async () => {
    server = await LanguageServer.start();
  });
  after(() => server[Symbol.asyncDispose]());

  /** Opens a text as a file that is nowhere. */
  async function opened(text: string) {
    files += 1;
    const path = join(ROOT, `editor-${files}.yaml`);
    return { path, faults: await server.open(path, text) };
  }

  for (const example of [
    'examples/whole-lab/lab.yaml',
    'examples/compose-three-hosts/compose.yaml',
    'examples/play/timeline.yaml',
  ]) {
    test(`nothing is said against ${example}`, async () => {
      const faults = await server.open(join(ROOT, example), readFileSync(join(ROOT, example), 'utf8'));
      assert.deepEqual(faults, []);
    });
  }

  const wrong: readonly (readonly [what: string, schema: string, text: string, at: string, says: RegExp])[] = [
    [
      'a missing prefix length',
      'network',
      'links:\n  - {netns: a, bridge: b, ip: 10.0.0.1}\n',
      'ip: ',
      /an address with a prefix length, as 10\.0\.0\.1\/24/,
    ],
    [
      'a long device name',
      'network',
      'links:\n  - {netns: a, bridge: b, dev: abcdefghijklmnop}\n',
      'dev: ',
      /must be a device name/,
    ],
    [
      'a mode of another type',
      'network',
      'links:\n  - {netns: a, type: macvlan, outer-dev: x, mode: l2}\n',
      'mode: ',
      /vepa/,
    ],
    [
      'two nodes',
      'network',
      'links:\n  - {netns: a, node: b, bridge: b}\n',
      'node: ',
      /netns and node exclude each other/,
    ],
    [
      'netem and impair',
      'network',
      'links:\n  - {netns: a, bridge: b, netem: loss 1%, impair: {loss: 1%}}\n',
      'impair: ',
      /netem and impair exclude each other/,
    ],
    [
      'a slip in a service',
      'compose',
      'services:\n  web:\n    image: x\n    x-network:\n      links:\n        - {brigde: b}\n',
      '{',
      /brigde/,
    ],
  ];
  for (const [what, schema, text, at, says] of wrong) {
    test(`says what is wrong, and where: ${what}`, async () => {
      const whole = modeline(schema) + text;
      const { faults } = await opened(whole);
      const messages = faults.map(({ message }) => message);
      const fitting = faults.filter(({ message }) => says.test(message));
      assert.ok(fitting.length > 0, messages.join('\n'));
      assert.deepEqual(fitting[0]?.range.start, behind(whole, at), messages.join('\n'));
    });
  }

  test('a hover has the description, the default, the unit and an example', async () => {
    const text = `${modeline('network')}links:\n  - {netns: a, bridge: b, mtu: 1500}\n`;
    const { path } = await opened(text);
    const hover = await server.hover(path, behind(text, 'mt'));
    for (const part of [/MTU in bytes\./, /Default: 65535/, /Unit: bytes/, /Since: 0\.1\.0/, /1500/])
      assert.match(hover, part);
  });

  test('completion offers the keys of a link, also in a service of a compose file', async () => {
    const network = `${modeline('network')}links:\n  - netns: a\n    \n`;
    const compose = `${modeline('compose')}services:\n  web:\n    x-network:\n      links:\n        - bridge: b\n          \n`;
    for (const text of [network, compose]) {
      const { path } = await opened(text);
      const lines = text.split('\n');
      const offered = await server.complete(path, { line: lines.length - 2, character: lines.at(-2)?.length ?? 0 });
      for (const key of ['ip', 'mtu', 'impair']) assert.ok(offered.includes(key), `${key}: ${offered}`);
    }
  });

  test('completion offers the words that a key takes', async () => {
    const text = `${modeline('network')}bridges:\n  - bridge: b\n    mode: \n`;
    const { path } = await opened(text);
    const offered = await server.complete(path, behind(text, 'mode: '));
    for (const word of ['linux', 'ovs', 'patch', 'direct']) assert.ok(offered.includes(word), `${word}: ${offered}`);
  });
});
