import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { execa } from 'execa';
import { type Failure, failuresText } from '../../../scripts/suites/failures.ts';
import { temporaryFolder } from '../../support/folder.ts';

const FAILURES = new URL('../../../scripts/suites/failures.js', import.meta.url).href;

describe('what failed, told again at the end of a run', () => {
  const folder = temporaryFolder('failures');
  after(() => folder[Symbol.dispose]());

  it('has the file, the names around the test, and its error; not the suites that fail with it', async () => {
    const file = join(folder.path, 'some.test.mjs');
    writeFileSync(
      file,
      `import { describe, it } from 'node:test';
       describe('links', () => {
         it('are made', () => {});
         describe('of a bridge', () => {
           it('go with it', () => { throw new Error('eth0 is still there'); });
           it('come back', () => {});
         });
       });
       it('is counted', () => { throw 'a word'; });`,
    );
    const failures = await failuresOf(file);
    assert.deepEqual(
      failures.map(({ where }) => where),
      ['some.test.mjs: links > of a bridge > go with it', 'some.test.mjs: is counted'],
    );
    const text = failuresText(failures);
    assert.match(
      text,
      /^What failed:\n {2}some\.test\.mjs: links > of a bridge > go with it\n {6}Error: eth0 is still/,
    );
    assert.match(text, /at .*some\.test\.mjs:5/);
    assert.match(text, / is counted\n {6}.*a word/);
  });

  it('is nothing where nothing failed', () => {
    assert.equal(failuresText([]), '');
  });

  /** By a process of its own: a test can't run others. */
  async function failuresOf(file: string): Promise<Failure[]> {
    const program = `
      import { run } from 'node:test';
      import { Failures } from ${JSON.stringify(FAILURES)};
      const failures = new Failures(${JSON.stringify(folder.path)});
      const stream = run({ files: [${JSON.stringify(file)}] });
      stream.on('test:start', (event) => failures.started(event));
      stream.on('test:fail', (event) => failures.failed(event));
      for await (const _ of stream);
      console.log(JSON.stringify(failures.list));`;
    const script = join(folder.path, 'run.mjs');
    writeFileSync(script, program);
    const { stdout } = await execa(process.execPath, [script], { env: { NODE_TEST_CONTEXT: undefined } });
    return JSON.parse(stdout) as Failure[];
  }
});
