/** What GraphML and node-link JSON may hold besides the plain case, and what an import makes of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeText } from '../../../../src/config/text/encoding.ts';
import { graphml, imported } from './imported-graph.ts';

const nodeLink = (graph: Readonly<Record<string, unknown>>) => imported(JSON.stringify(graph));

describe('an encoding', () => {
  const xml = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><a>São</a>`;
  const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
  for (const [name, bytes] of Object.entries({
    'UTF-8 with a mark': Buffer.from(`\uFEFF${xml('utf-8')}`),
    'UTF-16LE with a mark': Buffer.from(`\uFEFF${xml('UTF-16')}`, 'utf16le'),
    'UTF-16BE with a mark': utf16be(`\uFEFF${xml('UTF-16')}`),
    'UTF-16LE without': Buffer.from(xml('UTF-16'), 'utf16le'),
    'UTF-16BE without': utf16be(xml('UTF-16')),
    'latin-1, as declared': Buffer.from(xml('ISO-8859-1'), 'latin1'),
    'UTF-8 that says UTF-16': Buffer.from(xml('UTF-16')),
  })) {
    it(name, () => assert.match(decodeText(bytes), /^<\?xml .*<a>São<\/a>$/));
  }

  it('is told where it is not known, or not that of the text', () => {
    assert.throws(() => decodeText(Buffer.from(xml('no-such'))), /its encoding "no-such" is not known/);
    assert.throws(() => decodeText(Buffer.from([0xff, 0xfe, 0x00, 0xd8])), /it is not utf-16le text/);
    assert.throws(() => decodeText(Buffer.from(xml('utf-8'), 'latin1')), { code: 'ERR_ENCODING_INVALID_ENCODED_DATA' });
  });
});

describe('GraphML', () => {
  it('is refused at the first fault, and so are entities of its own, however many they would become', async () => {
    const bomb = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('\n');
    const text = `<?xml version="1.0"?>\n<!DOCTYPE g [<!ENTITY l0 "lol">\n${bomb}]>\n<graphml><graph><node id="&l9;"/>\n</graph>`;
    assert.deepEqual((await imported(text)).said, ['12: undefined entity.']);
    assert.deepEqual((await imported('<graphml>\n<graph>\n<node id="a"></graph></graphml>')).said, [
      '3: unexpected close tag.',
    ]);
  });

  it('has nodes in groups, and groups that are nodes only where an edge ends there', async () => {
    const { nodes, document, said } = await graphml([
      '<node id="g"><data key="name">Site</data><graph id="g:" edgedefault="undirected"><node id="g::a"/></graph></node>\n' +
        '<node id="h"><graph id="h:" edgedefault="undirected"><node id="h::b"/></graph></node>\n' +
        '<edge source="g::a" target="h"/>',
    ]);
    assert.deepEqual(nodes, ['g-a', 'h', 'h-b']);
    assert.deepEqual(document['wires'], [['g-a:eth0', 'h:eth0']]);
    assert.ok(said.includes('3: the group "Site" is not carried over: the nodes in it are'), said.join('\n'));
  });

  it('has ports that become interfaces, and hyperedges, whose data is not that of the graph', async () => {
    const { document, said } = await graphml([
      '<node id="a"><port name="ge-0/0/1"><data key="label">no</data></port>\n<port name="idle"/></node><node id="b"/>\n' +
        '<edge source="a" target="b" sourceport="ge-0/0/1" targetport="up"/>\n' +
        '<hyperedge><data key="label">no</data><endpoint node="a"/></hyperedge>',
    ]);
    assert.deepEqual(document['wires'], [['a:ge-0-0-1', 'b:up']]);
    assert.deepEqual(document['lab'], undefined);
    assert.deepEqual(said, [
      '4: the port "idle" is not carried over: no edge ends there',
      '5: interface of a "ge-0/0/1" is called ge-0-0-1: the name contains "/": a device name has no "/", ":", "%" or white space',
      '6: a hyperedge is not carried over',
    ]);
  });

  it('has edges of one way, which are half a wire, unless they have ids', async () => {
    const nodes = '<node id="a"/><node id="b"/>';
    const there = '<edge source="a" target="b"/>\n';
    const back = '<edge source="b" target="a"/>\n';
    const wires = async (edges: string, attributes: string) =>
      ((await graphml([`${nodes}${edges}`], attributes)).document['wires'] as unknown[]).length;
    assert.equal(await wires(there + back, 'edgedefault="directed"'), 1);
    assert.equal(await wires(there + there + back, 'edgedefault="directed"'), 2);
    assert.equal(await wires(there + back, 'edgedefault="undirected"'), 2);
    assert.equal(await wires((there + back).replaceAll('/>', ' directed="true"/>'), 'edgedefault="undirected"'), 1);
    assert.equal(await wires((there + back).replaceAll('/>', ' directed="false"/>'), 'edgedefault="directed"'), 2);
    assert.equal(await wires(there + back.replace('/>', ' id="e1"/>'), 'edgedefault="directed"'), 2);
    const rate = back.replace('/>', '><data key="capacity">1000</data></edge>');
    assert.match(
      (await graphml([`${nodes}${there}${rate}`], 'edgedefault="directed"')).said[0] ?? '',
      /way back is not/,
    );
  });

  it('has values for all that say none, numbers as text, keys that mean nothing here, and no labels', async () => {
    const { document, said } = await graphml([
      '<key id="d0" for="edge" attr.name="capacity"><default>8000</default></key>',
      '<key id="d1" for="node" attr.name="Country"/><key id="d2" for="edge" yfiles.type="edgegraphics"/>',
      '<key id="d3" for="edge" attr.name="dist"/><key id="d4" for="node" attr.name="label"/>',
      '<node id="1"><data key="d1">DE</data><data key="d4">X</data></node><node id="2"><data key="d1">FR</data><data key="d4">X</data></node>\n' +
        '<node id="3"><data key="d4"> </data></node><edge source="1" target="2"><data key="d3"> 1.0E1 </data></edge>\n' +
        '<edge source="2" target="3"><data key="d0">1,5 Mbit</data><data key="d2">pixels</data></edge>\n' +
        '<edge source="3" target="3"/><edge source="3" target="4"/>',
    ]);
    assert.deepEqual(document['wires'], [
      { ends: ['X:eth0', 'X-2:eth0'], impair: { delay: '49us', rate: '8kbit' } },
      ['X-2:eth1', '3:eth0'],
    ]);
    assert.deepEqual(said, [
      '6: "Country" of 2 nodes is not carried over',
      '6: node "X" is called X-2: that name is taken',
      '8: capacity "1,5 Mbit" of an edge is not carried over: it is no amount',
      '9: an edge from 3 to itself is not carried over',
      '9: an edge ends at 4, which is no node of the graph',
    ]);
  });
});

describe('node-link JSON', () => {
  it('has ids of any kind that Python can hash, each its own node', async () => {
    const ids = [1, '1', true, [0, 1], ['a', [2]], 1.5];
    const edges = ids.slice(1).map((target) => ({ source: 1, target }));
    const { nodes, document } = await nodeLink({ nodes: ids.map((id) => ({ id })), edges });
    assert.deepEqual(nodes.toSorted(), ['0-1', '1', '1-2', '1.5', 'a-2', 'true']);
    assert.deepEqual(
      (document['wires'] as string[][]).map(([, to]) => to),
      ['1-2:eth0', 'true:eth0', '0-1:eth0', 'a-2:eth0', '1.5:eth0'],
    );
  });

  it('finds a node whose id is a number by its text, if no other has that', async () => {
    const { document } = await nodeLink({ nodes: [{ id: 1 }, { id: 2 }], links: [{ source: '1', target: '2' }] });
    assert.deepEqual(document['wires'], [['1:eth0', '2:eth0']]);
  });

  it('lists what can be no node, no edge, no amount and no position, and what has no counterpart', async () => {
    const { said, nodes } = await nodeLink({
      graph: { name: 'x', demands: {} },
      nodes: [{ id: null }, { id: [] }, 5, { id: 'a', pos: 'here', asn: 7, os: null }, { id: 'b' }, { id: 'a' }],
      edges: [
        { source: 'a' },
        { source: 'a', target: 'b', dist: true, capacity: '1e3', mtu: 'big', weight: 2 },
        { source: 'a', target: 'c' },
      ],
      links: [],
    });
    assert.deepEqual(nodes, ['a', 'b']);
    assert.deepEqual(said.map((line) => line.replace(/^1: /, '')).toSorted(), [
      '"asn" of 1 node is not carried over',
      '"demands" of the graph is not carried over',
      '"weight" of 1 edge is not carried over',
      'a node without id is not carried over',
      'a second node of the id "a" is not carried over',
      'an edge ends at c, which is no node of the graph',
      'an edge without source and target is not carried over',
      'dist "true" of an edge is not carried over: it is no amount',
      'mtu "big" of an edge is not carried over: it is no amount',
      'pos of a node is not carried over: it is no list of two numbers',
      'the list links is not carried over: there is edges, too',
    ]);
  });
});
