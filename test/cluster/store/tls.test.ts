/** The store by TLS, where servers are named by their addresses. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeCertificates } from '../../../scripts/cluster/certificates.ts';
import { openStore } from '../../../src/cluster/open.ts';
import { NatsServers, storeOptions } from '../../support/cluster/server.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';

test(
  'a certificate of the address is taken, one of another address or authority is not',
  needs('program:openssl'),
  async () => {
    using folder = temporaryFolder('tls');
    const own = (name: string): string => {
      mkdirSync(join(folder.path, name));
      return join(folder.path, name);
    };
    const [right, wrong, elsewhere] = [own('right'), own('wrong'), own('elsewhere')];
    await writeCertificates(folder.path, [
      { folder: right, name: 'right', address: '127.0.0.1' },
      { folder: wrong, name: 'wrong', address: '127.0.0.9' },
    ]);
    await writeCertificates(elsewhere, [{ folder: elsewhere, name: 'right', address: '127.0.0.1' }]);
    const tlsCa = join(folder.path, 'ca.crt');
    for (const [certificate, isTaken] of [
      [right, true],
      [wrong, false],
      [elsewhere, false],
    ] as const) {
      const tls = `tls { cert_file: "${join(certificate, 'server.crt')}", key_file: "${join(certificate, 'server.key')}" }`;
      await using servers = await NatsServers.start(1, tls);
      const urls = servers.urls.map((url) => url.replace('nats:', 'tls:'));
      const opening = openStore(storeOptions(urls, { tlsCa, deadlineMs: isTaken ? 10_000 : 3000 }), null);
      if (!isTaken) {
        await assert.rejects(opening, /certificate/i);
        continue;
      }
      await using store = await opening;
      assert.equal(await store.read('desired', 'lab.a'), null);
    }
  },
);
