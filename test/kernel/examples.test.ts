/** Each example is run as its README says, word for word, and leaves nothing. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { linkloom, ROOT } from '../support/bin.ts';
import { readPage } from '../support/docs/pages.ts';
import { assertPromised, promisedBy } from '../support/docs/promised.ts';
import { runPage } from '../support/docs/run-page.ts';
import { temporaryFolder } from '../support/folder.ts';
import { needs } from '../support/needs.ts';
import { netnsNames } from '../support/netns.ts';

const EXAMPLES = join(ROOT, 'examples');
/** Those of namespaces; the ones of containers are run by the tests with a container engine. */
const labs = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'lab.yaml')) && isRun(name));
/** Verbs that an example may show beside those that make the lab, use it and remove it. */
const FURTHER: ReadonlySet<string> = new Set(['verify', 'check', 'play', 'logs', 'import', 'export']);
const tools = needs('root', 'program:ip', 'program:ping', 'program:dot', 'program:/usr/lib/frr/zebra');

/** Whether the README does not say why its commands can't run here. */
function isRun(example: string): boolean {
  return readPage(`examples/${example}/README.md`).steps.find(({ kind }) => kind === 'shell')?.leftOut === null;
}

/** The lines of a README's first block of shell, as a program and its arguments each. */
function commandsOf(example: string): readonly (readonly [string, ...string[]])[] {
  const block = readPage(`examples/${example}/README.md`).steps.find(({ kind }) => kind === 'shell')?.text ?? '';
  return block
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ') as [string, ...string[]]);
}

/** Runs a line: linkloom as it is built here, all else as it is installed. Returns what it said. */
async function runLine([program, ...args]: readonly [string, ...string[]]): Promise<string> {
  const options = { cwd: ROOT, reject: false, stdin: 'ignore' } as const;
  const ran = program === 'linkloom' ? await linkloom(args, { cwd: ROOT }) : await execa(program, args, options);
  assert.equal(ran.exitCode, 0, `${program} ${args.join(' ')}\n${ran.stdout}${ran.stderr}`);
  return `${ran.stdout}\n${ran.stderr}\n`;
}

async function devices(): Promise<string> {
  return (await execa('ip', ['-brief', 'link'])).stdout;
}

describe('examples', tools, () => {
  test('there are some', () => {
    assert.ok(labs.length >= 5);
  });

  for (const example of labs) {
    test(example, async () => {
      const before = [await netnsNames(), await devices()];
      const commands = commandsOf(example);
      assert.deepEqual(
        commands.flatMap(([program, verb]) => (program === 'linkloom' && !FURTHER.has(verb ?? '') ? [verb] : [])),
        ['up', 'exec', 'down'],
      );
      let said = '';
      try {
        for (const command of commands) {
          said += await runLine(command);
          const [program, ...args] = command;
          if (program !== 'linkloom' || args[0] !== 'up') continue;
          const again = await linkloom([...args, '--json'], { cwd: ROOT });
          const { links } = JSON.parse(again.stdout);
          assert.ok(links.desired > 0);
          assert.equal(links.unchanged, links.desired, again.stdout);
        }
      } finally {
        await linkloom(['down', '--lab', example], { cwd: ROOT });
      }
      assert.deepEqual([await netnsNames(), await devices()], before);
      assert.ok(promisedBy(example).length >= 3, 'the README says what the output is');
      assertPromised(example, said);
    });
  }

  test('drawing', async () => {
    using folder = temporaryFolder('drawing');
    symlinkSync(EXAMPLES, join(folder.path, 'examples'));
    assertPromised('drawing', await runPage(readPage('examples/drawing/README.md'), { folder: folder.path }));
    assert.match(readFileSync(join(folder.path, 'drawing.svg'), 'utf8'), /<svg /);
    assert.match(readFileSync(join(folder.path, 'drawing.html'), 'utf8'), /^<!doctype html>/i);
  });
});
