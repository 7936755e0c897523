/** Configurations that are too large, or would be: each is refused, and what is said of it stays short. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorsIn } from '../../../src/errors.ts';
import { check } from '../../unit/config/loading.ts';

describe('limits', () => {
  const isRefused = async (text: string, message: RegExp) => {
    const { diagnostics, config } = await check(text);
    assert.match(diagnostics[0]?.message ?? '', message);
    assert.equal(diagnostics[0]?.severity, 'error');
    assert.ok(config.links.length < 10);
  };

  test('a YAML text of 20 MB', () =>
    isRefused(`links:\n${'  - {service: a, bridge: b}\n'.repeat(750_000)}`, /larger than 16 MiB/));

  test('a JSON text of 70 MB', () =>
    isRefused(`{"links":[${'{"service":"a","bridge":"b"},'.repeat(2_400_000)}null]}`, /larger than 64 MiB/));

  test('one link more than the limit', () =>
    isRefused(
      `{"links":[${'{"service":"a","bridge":"b"},'.repeat(250_000)}{"service":"a","bridge":"b"}]}`,
      /^more than 250000 links$/,
    ));

  test('brackets without end, in YAML and JSON', async () => {
    await isRefused('['.repeat(100_000), /is not closed|nested deeper/);
    await isRefused(`links: ${'['.repeat(100_000)}`, /nested deeper than 200 levels/);
    await isRefused(`{"links":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /nested deeper than 200 levels/);
  });

  test('merge keys that explode', async () => {
    const base = Array.from({ length: 3000 }, (_, i) => `k${i}: 1`).join(', ');
    const merges = '  - <<: *a\n'.repeat(3000);
    await isRefused(`x-a: &a {${base}}\nlinks:\n${merges}`, /^aliases expand to more than/);
  });

  test('of 100,000 faults a hundred are told, and how many more there are', async () => {
    const { diagnostics } = await check(`{"links":[${'{"netns":"a","bridge":"b","mtu":1},'.repeat(99_999)}{"x":1}]}`);
    assert.equal(errorsIn(diagnostics), 100_001);
    assert.equal(diagnostics.filter(({ severity }) => severity === 'error').length, 101);
    assert.ok(diagnostics.some(({ message }) => message === 'and 99,901 more errors, not shown'));
  });

  test('50,000 descriptions of one link, each wrong, stay linear', async () => {
    const { diagnostics } = await check(`{"links":[${'{"service":"a","mtu":1,"route":["x"]},'.repeat(50_000)}null]}`);
    assert.ok(diagnostics.length <= 310);
    assert.ok(diagnostics.some(({ message }) => /^and [\d,]+ more errors, not shown$/.test(message)));
  });
});
