/** The client blocks its thread, so the server it is tested with lives in a thread of its own. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { JsonRpc } from '../../../workers/ovs/jsonrpc.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** Answers `add` with the sum of its parameters, `big` with as many characters, `echo-first` after it was echoed to, `hang-up` not at all. */
const SERVER = `
const { createServer } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
createServer((socket) => {
  let pending = null;
  let text = '';
  socket.on('data', (part) => {
    text += part;
    let message;
    try { message = JSON.parse(text); } catch { return; }
    text = '';
    const { id, method, params } = message;
    const answer = (result, error = null) => socket.write(JSON.stringify({ id, result, error }));
    if (method === 'add') answer(params.reduce((a, b) => a + b, 0));
    if (method === 'big') answer('ä'.repeat(params[0]));
    if (method === 'length') answer(params[0].length);
    if (method === 'refuse') answer(null, { error: 'syntax error', details: 'no such thing' });
    if (method === 'hang-up') socket.end();
    if (method === 'echo-first') { pending = id; socket.write(JSON.stringify({ id: 'e', method: 'echo', params: ['x'] })); }
    if (method === undefined && id === 'e') socket.write(JSON.stringify({ id: pending, result: message.result, error: null }));
  });
}).listen(workerData, () => parentPort.postMessage('ready'));
`;

async function withServer(use: (path: string) => void): Promise<void> {
  using folder = temporaryFolder('jsonrpc');
  const path = join(folder.path, 's.sock');
  const server = new Worker(SERVER, { eval: true, workerData: path });
  try {
    await new Promise((resolve) => server.once('message', resolve));
    use(path);
  } finally {
    await server.terminate();
  }
}

test('calls one after another on one connection, large both ways, and echoes', async () => {
  await withServer((path) => {
    using rpc = new JsonRpc(path);
    assert.equal(rpc.call('add', [1, 2, 3]), 6);
    assert.equal(rpc.call('big', [200_000]), 'ä'.repeat(200_000));
    assert.equal(rpc.call('length', ['x'.repeat(2_000_000)]), 2_000_000);
    assert.deepEqual(rpc.call('echo-first', []), ['x']);
    assert.equal(rpc.call('add', []), 0);
  });
});

test('what the server refuses, and a server that goes, are told', async () => {
  await withServer((path) => {
    using rpc = new JsonRpc(path);
    assert.throws(() => rpc.call('refuse', []), { call: 'refuse', detail: 'syntax error: no such thing' });
    assert.throws(() => rpc.call('hang-up', []), { call: 'hang-up', detail: 'no connection any more' });
  });
});

test('where nobody listens, connecting says so', () => {
  assert.throws(() => new JsonRpc('/nonexistent/socket'), { call: 'connect', message: /ENOENT/ });
  assert.throws(() => new JsonRpc(`/${'x'.repeat(108)}`), { call: 'connect', message: /ENAMETOOLONG/ });
});
