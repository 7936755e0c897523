/** What a daemon says of passes that repeat. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tellOnce, warnOnce } from '../../../src/daemon/tell.ts';
import type { DiagnosticCode } from '../../../src/diagnostics/table.ts';
import { diagnosticOf } from '../../../src/errors.ts';
import type { Event } from '../../../src/events.ts';
import { linkSubject } from '../../../src/subject.ts';

describe('warnOnce', () => {
  it('says a warning once for each place, and errors each time', () => {
    const said: Event[] = [];
    const emit = warnOnce((event) => said.push(event));
    const at = (line: number, code: DiagnosticCode = 'orphan'): Event => {
      const where = { file: 'f', line, column: 1, endLine: line, endColumn: 2 };
      return { type: 'diagnostic', diagnostic: diagnosticOf(code, 'x', { where }) };
    };
    for (const event of [at(1), at(1), at(2), at(1, 'device-clash'), at(1, 'device-clash')]) emit(event);
    assert.deepEqual(said, [at(1), at(2), at(1, 'device-clash'), at(1, 'device-clash')]);
  });
});

describe('tellOnce', () => {
  const told = (...events: readonly Event[]): readonly Event[] => {
    const said: Event[] = [];
    const emit = tellOnce((event) => said.push(event));
    for (const event of events) emit(event);
    return said;
  };
  const warning = (message: string): Event => ({ type: 'diagnostic', diagnostic: diagnosticOf('orphan', message) });
  const progress = (done: number, total: number): Event => ({
    type: 'progress',
    what: 'links',
    done,
    total,
    failed: 0,
  });
  const notice: Event = { type: 'notice', message: 'Creating veth link a:eth0' };

  it('says each warning once, and notices each time', () => {
    assert.deepEqual(told(warning('a'), notice, warning('a'), warning('b'), notice), [
      warning('a'),
      notice,
      warning('b'),
      notice,
    ]);
  });

  it('shows the progress of the first set-up alone', () => {
    assert.deepEqual(told(progress(1, 2), progress(2, 2), progress(1, 1)), [progress(1, 2), progress(2, 2)]);
  });

  it('leaves failures to those who know how long they last', () => {
    assert.deepEqual(
      told({ type: 'failure', failure: { subject: linkSubject('a:eth0'), code: 'E_KERNEL', message: 'x' } }),
      [],
    );
  });
});
