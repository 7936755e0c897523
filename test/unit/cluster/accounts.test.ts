import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiPrefixIn, storeAccounts } from '../../../src/cluster/accounts.ts';

const key = (letter: string): string => `U${letter.repeat(55)}`;

/** The lines of an account's block. */
function blockOf(text: string, account: string): readonly string[] {
  const lines = text.split('\n');
  const from = lines.indexOf(`  "${account}": {`);
  return lines.slice(from, lines.indexOf('  }', from));
}

const hosts = new Map([
  ['h1', key('A')],
  ['h2', key('B')],
]);

test('each key is in one account: verbs where the buckets are, all others apart', () => {
  const text = storeAccounts({ verbs: [key('C'), key('D')], readers: [key('E')], hosts });
  const accounts = [...text.matchAll(/^ {2}"(.*)": \{/gm)].map(([, name = '']) => name);
  assert.deepEqual(accounts, ['LINKLOOM', 'LINKLOOM-HOST-h1', 'LINKLOOM-HOST-h2', 'LINKLOOM-READERS']);
  const keysIn = accounts.map((account) =>
    blockOf(text, account)
      .join()
      .match(/nkey: U./g),
  );
  assert.deepEqual(keysIn, [['nkey: UC', 'nkey: UD'], ['nkey: UA'], ['nkey: UB'], ['nkey: UE']]);
  assert.deepEqual(accounts.map(apiPrefixIn), [null, 'll.api', 'll.api', 'll.api']);
});

test('a host takes in the keys of its own and no other, readers none', () => {
  const text = storeAccounts({ verbs: [key('C')], readers: [key('E')], hosts });
  const written = (account: string): readonly string[] =>
    blockOf(text, account).flatMap((line) =>
      /imports/.test(line) ? [] : (/subject: "(\$KV[^"]*)"/.exec(line)?.[1] ?? []),
    );
  assert.deepEqual(written('LINKLOOM-HOST-h1'), ['$KV.ll-state.h1.>', '$KV.ll-lease.h1']);
  assert.deepEqual(written('LINKLOOM-HOST-h2'), ['$KV.ll-state.h2.>', '$KV.ll-lease.h2']);
  assert.deepEqual(written('LINKLOOM-READERS'), []);
  const given = blockOf(text, 'LINKLOOM').filter((line) => line.includes('$KV'));
  assert.deepEqual(
    given.map((line) => line.trim()),
    [...hosts.keys()].flatMap((host) => [
      `{ service: "$KV.ll-state.${host}.>", accounts: ["LINKLOOM-HOST-${host}"] }`,
      `{ service: "$KV.ll-lease.${host}", accounts: ["LINKLOOM-HOST-${host}"] }`,
    ]),
  );
});

test('nobody but verbs can make, change or delete a bucket or a message', () => {
  const text = storeAccounts({ verbs: [key('C')], readers: [key('E')], hosts });
  assert.doesNotMatch(
    text,
    /STREAM\.(CREATE|UPDATE|DELETE|PURGE|SNAPSHOT|RESTORE|MSG\.DELETE)|CONSUMER\.DELETE|API\.>/,
  );
});

test('a name or a key that would be more than that is refused', () => {
  const none = { verbs: [], readers: [], hosts: new Map<string, string>() };
  assert.throws(() => storeAccounts({ ...none, hosts: new Map([['h1.>', key('A')]]) }), TypeError);
  assert.throws(() => storeAccounts({ ...none, hosts: new Map([['*', key('A')]]) }), TypeError);
  assert.throws(() => storeAccounts({ ...none, verbs: ['UA } ] }'] }), TypeError);
  assert.throws(() => storeAccounts({ ...none, readers: [`S${key('A')}`] }), TypeError);
});
