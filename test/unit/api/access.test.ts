/** Who may ask a lab’s daemon: names, origins, tokens. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { refusalOf, type TcpAccess } from '../../../src/api/server/access.ts';
import { isOpenPath } from '../../../src/api/server/open-paths.ts';
import { readToken } from '../../../src/api/server/token.ts';
import { LinkloomError } from '../../../src/errors.ts';
import { temporaryFolder } from '../../support/folder.ts';

const TOKEN = 'kZ3ovq8vJm0Q1u5c';
const TCP: TcpAccess = { token: TOKEN, address: 'lab.example.org' };
const RIGHT = { authorization: `Bearer ${TOKEN}` };

type Headers = Parameters<typeof refusalOf>[0]['headers'];

describe('access', () => {
  const rows: readonly (readonly [what: string, headers: Headers, tcp: TcpAccess | null, status: number | null])[] = [
    ['the socket needs no token', { host: 'x' }, null, null],
    ['nor a name', {}, null, null],
    ['by TCP without a token', { host: '127.0.0.1:80' }, TCP, 401],
    ['with it', { host: '127.0.0.1:80', ...RIGHT }, TCP, null],
    ['with more words', { host: '[::1]:80', authorization: `bearer  ${TOKEN} ` }, TCP, null],
    ['with a part of it', { host: 'localhost', authorization: `Bearer ${TOKEN.slice(0, -1)}` }, TCP, 401],
    ['with more than it', { host: 'localhost', authorization: `Bearer ${TOKEN}x` }, TCP, 401],
    ['with an empty one', { host: 'localhost', authorization: 'Bearer ' }, TCP, 401],
    ['with another scheme', { host: 'localhost', authorization: `Basic ${TOKEN}` }, TCP, 401],
    ['by the name that it listens on', { host: 'LAB.example.org:80', ...RIGHT }, TCP, null],
    ['by the name of a container', { host: 'network:9100', ...RIGHT }, TCP, null],
    ['by a name of others, with the token', { host: 'evil.example:80', ...RIGHT }, TCP, 403],
    ['by a name of others on the socket', { host: 'evil.example' }, null, 403],
    ['by a name that begins as an address', { host: '127.0.0.1.evil.example', ...RIGHT }, TCP, 403],
    ['from its own page', { host: '127.0.0.1:80', origin: 'http://127.0.0.1:80', ...RIGHT }, TCP, null],
    ['from another port’s page', { host: '127.0.0.1:80', origin: 'http://127.0.0.1:81', ...RIGHT }, TCP, 403],
    ['from a page of others', { host: '127.0.0.1:80', origin: 'http://evil.example', ...RIGHT }, TCP, 403],
    ['from a page without an origin', { host: '127.0.0.1:80', origin: 'null', ...RIGHT }, TCP, 403],
    ['from a page of others on the socket', { host: 'localhost', origin: 'http://evil.example' }, null, 403],
    [
      'by an image of a page of others',
      { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      null,
      403,
    ],
    [
      'by following a link',
      { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      null,
      null,
    ],
  ];
  for (const [what, headers, tcp, status] of rows) {
    it(what, () => assert.equal(refusalOf({ headers }, tcp, false)?.status ?? null, status));
  }

  it('leaves open only whether the daemon runs, and the page', () => {
    const open = ['/healthz', '/healthz?x', '/', '/page/a.js'];
    const closed = ['/readyz', '/metrics', '/links', '/events', '/topology', '//', '/healthz/', '/Healthz', '/page'];
    for (const url of open) assert.equal(isOpenPath({ method: 'GET', url }), true, url);
    for (const url of closed) assert.equal(isOpenPath({ method: 'GET', url }), false, url);
    for (const url of open) assert.equal(isOpenPath({ method: 'POST', url }), false, url);
    assert.equal(refusalOf({ headers: { host: 'localhost' } }, TCP, true), null);
  });
});

describe('the file of a token', () => {
  const faultOf = (path: string): string => {
    try {
      readToken(path);
      return '';
    } catch (error) {
      assert.ok(error instanceof LinkloomError);
      return `${error.code} ${error.message}`;
    }
  };

  it('is read without the white space around it, and only if nobody else may read it', () => {
    using folder = temporaryFolder('token');
    const path = join(folder.path, 'token');
    writeFileSync(path, `${TOKEN}\n`, { mode: 0o600 });
    assert.equal(readToken(path), TOKEN);
    const link = join(folder.path, 'link');
    symlinkSync(path, link);
    assert.equal(readToken(link), TOKEN);
    for (const mode of [0o640, 0o604, 0o620, 0o644]) {
      chmodSync(path, mode);
      assert.match(faultOf(path), /^E_UNSAFE .* is no secret: others may/, mode.toString(8));
    }
  });

  it('has to hold one that can’t be guessed', () => {
    using folder = temporaryFolder('token');
    const path = join(folder.path, 'token');
    const rows: readonly (readonly [string, RegExp])[] = [
      ['', /fewer than 16/],
      ['short', /fewer than 16/],
      ['two words that are long', /white space/],
      ['ééééééééééééééééé', /not ASCII/],
      ['x'.repeat(5000), /longer than 4096 bytes/],
    ];
    for (const [text, message] of rows) {
      writeFileSync(path, text, { mode: 0o600 });
      assert.match(faultOf(path), message);
    }
    assert.match(faultOf(join(folder.path, 'none')), /E_USAGE .*ENOENT/);
    mkdirSync(join(folder.path, 'folder'), { mode: 0o700 });
    assert.match(faultOf(join(folder.path, 'folder')), /no regular file/);
  });
});
