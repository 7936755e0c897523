/** Who may work on a lab at the same time, and who comes first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as soon } from 'node:timers/promises';
import { Turns } from '../../../src/daemon/asked/turns.ts';

interface Work {
  readonly done: Promise<string>;
  end(): void;
}

/** What runs, in the order in which it has begun. */
function recorded(): { readonly begun: string[]; start(name: string, run: Turns['take']): Work } {
  const begun: string[] = [];
  return {
    begun,
    start: (name, run) => {
      let end = (): void => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      const done = run(async () => {
        begun.push(name);
        await ended;
        return name;
      });
      return { done, end };
    },
  };
}

test('changes come one after the other, and one that throws does not hold up the next', async () => {
  const turns = new Turns();
  const { begun, start } = recorded();
  const change = turns.take.bind(turns);
  const first = start('first', change);
  const failing = turns.take(() => Promise.reject(new Error('no')));
  const second = start('second', change);
  await soon();
  assert.deepEqual(begun, ['first']);
  first.end();
  second.end();
  await assert.rejects(failing, /no/);
  assert.deepEqual([await first.done, await second.done], ['first', 'second']);
});

test('who looks does so beside others that look, not beside a change, and does not keep one that waits from its turn', async () => {
  const turns = new Turns();
  const { begun, start } = recorded();
  const [change, look] = [turns.take.bind(turns), turns.look.bind(turns)];
  const looks = [start('look 1', look), start('look 2', look)];
  const waits = start('change', change);
  const late = start('look 3', look);
  await soon();
  assert.deepEqual(begun, ['look 1', 'look 2']);
  for (const { end } of looks) end();
  await soon();
  assert.deepEqual(begun.slice(2), ['change']);
  waits.end();
  late.end();
  await late.done;
});

test('a play comes before all that waits, lets others look, and keeps changes out until its last turn is over', async () => {
  const turns = new Turns();
  const { begun, start } = recorded();
  const [change, look] = [turns.take.bind(turns), turns.look.bind(turns)];
  const pass = start('pass', change);
  const waits = start('waits', change);
  const play = turns.play().then((turn) => {
    begun.push('play');
    return turn;
  });
  const early = start('early look', look);
  await soon();
  assert.deepEqual(begun, ['pass']);
  pass.end();
  const [first, second] = [await play, await turns.play()];
  await soon();
  assert.deepEqual(begun.slice(1).sort(), ['early look', 'play']);
  const meanwhile = start('look', look);
  early.end();
  meanwhile.end();
  assert.equal(await meanwhile.done, 'look');
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await soon();
  assert.ok(!begun.includes('waits'));
  second[Symbol.dispose]();
  waits.end();
  assert.equal(await waits.done, 'waits');
});

test('a play that begins while others look does not wait for them', async () => {
  const turns = new Turns();
  const { start } = recorded();
  const looks = start('look', turns.look.bind(turns));
  const waits = start('waits', turns.take.bind(turns));
  using _turn = await turns.play();
  looks.end();
  waits.end();
});
