/** The recording that README shows: what its commands say today is what it shows, but for times and counts. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { filmOf } from '../../../scripts/recording/film.ts';
import { LAB_FILE, SCENES } from '../../../scripts/recording/scenes.ts';
import { transcriptOf } from '../../../scripts/recording/svg.ts';
import { takeScenes } from '../../../scripts/recording/takes.ts';
import { textOf } from '../../../scripts/recording/terminal.ts';
import { ROOT } from '../../support/bin.ts';
import { needs } from '../../support/needs.ts';

const shown = transcriptOf(readFileSync(join(ROOT, 'docs/pictures/first-lab.svg'), 'utf8'));

/** Without what differs from run to run: how long it took, how much was sent, and the width of such columns. */
function lasting(text: string): readonly string[] {
  return text.split('\n').map((line) =>
    line
      .replaceAll(/\([\d.]+ m?s\b[^)]*\)/g, '(TIME)')
      .replaceAll(/\b[\d.]+[KMB]?(?=\s|\/|$| ms)/g, 'N')
      .replaceAll(/\S*…/g, '…')
      .replaceAll(/ +/g, ' '),
  );
}

describe('the recording of a first lab', needs('root', 'program:ip', 'program:ping', 'program:script'), () => {
  it('shows what the commands say (else: npm run docs:recording)', async () => {
    const said = textOf(filmOf(await takeScenes(), 24).text);
    assert.doesNotMatch(said, /\\x1b/);
    assert.deepEqual(lasting(shown), lasting(said));
  });

  it('shows the file and each command', () => {
    for (const { words } of SCENES) assert.ok(shown.includes(`# ${words.join(' ')}\n`), words.join(' '));
    assert.ok(shown.includes(LAB_FILE.text));
  });
});
