/** The picture and the page as text: well formed, with nothing from elsewhere, and with names that are text only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graphOf } from '../../../../src/report/graph/model.ts';
import { drawn } from '../../../../src/report/graph/text.ts';
import type { Topology } from '../../../../src/topology/topology.ts';
import { drawnLink, drawnTopology, lanTopology, shapedTopology } from '../../../support/picture/drawings.ts';

/** The parts of the page that take data. */
const PAGE = '<title>linkloom</title><script type="application/json" id="data">null</script>\n';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onload='alert(1)",
  '</script><script>alert(1)</script>',
  ']]><!--',
  '&lt;b&gt;',
  '$&$1$`',
  '\u202e\u0007',
];

function hostile(): Topology {
  const links = HOSTILE.flatMap((name, at) => [
    drawnLink(`container ${name}`, 'eth0', { bridge: name, netemText: [name], addresses: [] }),
    drawnLink(`container n${at}`, 'eth0', { bridge: name }),
    drawnLink(`container ${name}`, 'eth1', { bridge: '<b>lan</b>' }),
  ]);
  return drawnTopology('<i>lab</i>', links);
}

/** The names of all elements; throws where one is not closed. */
function elements(text: string): readonly string[] {
  const open: string[] = [];
  const names: string[] = [];
  for (const [, closes, name = '', single] of text.matchAll(/<(\/?)([a-z0-9]+)(?:"[^"]*"|[^">])*?(\/?)>/gi)) {
    if (closes) assert.equal(open.pop(), name);
    else {
      names.push(name);
      if (!single) open.push(name);
    }
  }
  assert.deepEqual(open, []);
  return names;
}

test('a picture is well formed and loads nothing', () => {
  for (const topology of [hostile(), shapedTopology('clos'), lanTopology(40), drawnTopology('none', [])]) {
    const { text } = drawn(topology, 'svg');
    const names = new Set(elements(text));
    for (const name of names)
      assert.ok(['svg', 'title', 'style', 'polyline', 'g', 'rect', 'text', 'tspan'].includes(name), name);
    assert.doesNotMatch(text.replace('http://www.w3.org/2000/svg', ''), /https?:|src=[^x]|href=|@import|url\(/);
    assert.doesNotMatch(text, /<[^>]*\son[a-z]+\s*=(?=[^<]*>)(?<!"[^"]*)/);
  }
});

test('a page has its data as JSON that no name can leave', () => {
  const { text } = drawn(hostile(), 'html', { page: PAGE });
  assert.deepEqual(elements(text), ['title', 'script']);
  const [, json = ''] = /id="data">(.*)<\/script>/.exec(text) ?? [];
  const { graph } = JSON.parse(json) as { graph: { lab: string; nodes: readonly { name: string }[] } };
  assert.equal(graph.lab, '<i>lab</i>');
  for (const name of HOSTILE)
    assert.ok(
      graph.nodes.some((node) => node.name === name),
      name,
    );
});

test('every label of a small picture is there, and none lies over another', () => {
  const { text } = drawn(shapedTopology('star', { nodes: 5 }), 'svg');
  const spans = [...text.matchAll(/<tspan x="([^"]+)" y="([^"]+)">([^<]+)</g)].map(([, x, y, label = '']) => {
    return { x: Number(x), y: Number(y), width: label.length * 6.6, label };
  });
  assert.equal(spans.filter(({ label }) => label.startsWith('10.0.')).length, 8);
  for (const [at, one] of spans.entries()) {
    for (const other of spans.slice(at + 1)) {
      const isApart = Math.abs(one.x - other.x) * 2 >= one.width + other.width || Math.abs(one.y - other.y) >= 11;
      assert.ok(isApart, `${one.label} and ${other.label}`);
    }
  }
});

test('what the usual renderers do not take is said, and only that', () => {
  const [small, large] = [shapedTopology('ring', { nodes: 20 }), shapedTopology('random', { nodes: 1000, links: 6 })];
  for (const format of ['dot', 'mermaid', 'json', 'svg'] as const) assert.deepEqual(drawn(small, format).warnings, []);
  assert.match(
    drawn(large, 'mermaid').warnings.join(),
    /3000 edges, of which it takes 500; \d+ characters, of which it takes 50000/,
  );
  assert.match(drawn(large, 'dot').warnings.join(), /3000 edges/);
  assert.deepEqual(drawn(large, 'json').warnings, []);
});

test('an option that changes nothing in a drawing is told', () => {
  const topology = lanTopology(4);
  const [first = ''] = graphOf(topology).nodes.map(({ name }) => name);
  const foldOf = (name: string, ...taken: readonly string[]) => ({
    name,
    takes: (node: string) => taken.includes(node),
  });
  assert.match(drawn(topology, 'dot', { layout: 'force' }).warnings.join(), /--layout force does nothing for dot/);
  assert.deepEqual(drawn(topology, 'svg', { layout: 'force' }).warnings, []);
  assert.match(
    drawn(topology, 'svg', { folds: [foldOf('none')] }).warnings.join(),
    /--group none draws no box: no node/,
  );
  const folds = [foldOf('one', first), foldOf('two', first)];
  assert.match(drawn(topology, 'dot', { folds }).warnings.join(), /^--group two draws no box: a group before it/);
});
