/** 10: a server that can lose what it acknowledged is refused. Debian's is one, which does not know `sync_interval` either. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execa } from 'execa';
import { openStore } from '../../../src/cluster/open.ts';
import { storeOptions, until } from '../../support/cluster/server.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';

test('10. a server before 2.12 is refused, with what to do', needs('program:nats-server'), async () => {
  using folder = temporaryFolder('old');
  const server = execa('nats-server', ['--addr', '127.0.0.1', '--port', '-1', '-js', '-sd', folder.path], {
    reject: false,
  });
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  try {
    await until('it listens', () => /client connections on 127\.0\.0\.1:\d+/.test(said), 20_000);
    const [, port = ''] = /client connections on 127\.0\.0\.1:(\d+)/.exec(said) ?? [];
    const [, version = ''] = /Version:\s+(\S+)/.exec(said) ?? [];
    await assert.rejects(openStore(storeOptions([`nats://127.0.0.1:${port}`]), null), (error: Error) => {
      const { code, hint } = error as Error & { readonly code: string; readonly hint: string };
      assert.equal(code, 'E_STORE');
      assert.match(error.message, new RegExp(`nats-server ${version} at \\S+ is too old: linkloom needs 2\\.12`));
      assert.match(hint, /nats\.io\/download/);
      return true;
    });
  } finally {
    server.kill('SIGKILL');
    await server;
  }
});
