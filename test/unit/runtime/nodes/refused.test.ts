/** What is advised where an engine refuses a container, by the engine's own words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedNode } from '../../../../src/runtime/nodes/refused.ts';

const START =
  'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';

/** The engine's words → a part of the advice. */
const REFUSALS: Readonly<Record<string, RegExp>> = {
  [`${START}unable to apply caps: operation not permitted: unknown`]: /`privileged: false`/,
  [`${START}exec: "frr": executable file not found in $PATH: unknown`]: /`command` or `entrypoint`/,
  [`${START}open /proc/sys/net/x: no such file or directory: unknown`]: /`sysctls`/,
  'Bind for 0.0.0.0:80 failed: port is already allocated': /`ports`/,
};

for (const [words, advice] of Object.entries(REFUSALS)) {
  test(words, () => {
    const { message, hint } = refusedNode('r1', 'cannot start its container', new Error(words));
    assert.ok(message.includes(words), message);
    assert.match(hint ?? '', advice);
  });
}
