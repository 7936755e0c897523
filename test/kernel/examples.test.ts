/** Each example is run as its README says, word for word, and leaves nothing. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { linkloom, ROOT } from '../support/bin.ts';
import { needs } from '../support/needs.ts';
import { netnsNames } from '../support/netns.ts';

const EXAMPLES = join(ROOT, 'examples');
/** Those of namespaces; the ones of containers are run by the tests with a container engine. */
const labs = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'lab.yaml')));
const tools = needs('root', 'program:ip', 'program:ping');

/** The `linkloom …` lines of a README, as argument lists. */
function commandsOf(example: string): readonly (readonly string[])[] {
  const readme = readFileSync(join(EXAMPLES, example, 'README.md'), 'utf8');
  return [...readme.matchAll(/^linkloom (.+)$/gm)].map((match) => (match[1] ?? '').split(' '));
}

describe('examples', tools, () => {
  test('there are some', () => {
    assert.ok(labs.length >= 5);
  });

  for (const example of labs) {
    test(example, async () => {
      const before = await netnsNames();
      const commands = commandsOf(example);
      assert.deepEqual(
        commands.map(([verb]) => verb).filter((verb) => verb !== 'verify'),
        ['up', 'exec', 'down'],
      );
      try {
        for (const args of commands) {
          const ran = await linkloom(args, { cwd: ROOT });
          assert.equal(ran.exitCode, 0, `linkloom ${args.join(' ')}\n${ran.stdout}${ran.stderr}`);
          if (args[0] !== 'up') continue;
          const again = await linkloom([...args, '--json'], { cwd: ROOT });
          const { links } = JSON.parse(again.stdout);
          assert.ok(links.desired > 0);
          assert.equal(links.unchanged, links.desired, again.stdout);
        }
      } finally {
        await linkloom(['down', '--lab', example], { cwd: ROOT });
      }
      assert.deepEqual(await netnsNames(), before);
    });
  }
});
