/** Nodes with a position stand where they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesOf, suitingLayout } from '../../../src/picture/layout/layout.ts';
import { roomOf } from '../../../src/picture/measure.ts';
import { pictureOf } from '../../../src/picture/picture.ts';
import { graphOf } from '../../../src/report/graph/model.ts';
import type { NetnsDefinition } from '../../../src/topology/nodes/definition.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { drawnLink, drawnTopology } from '../../support/picture/drawings.ts';

const CITIES = { oslo: [59.9, 10.7], rome: [41.9, 12.5], lisbon: [38.7, -9.1], kyiv: [50.4, 30.5] } as const;

function entry(name: string, labels: Readonly<Record<string, string>>): NetnsDefinition {
  const empty = { loopbacks: [], exec: [], run: [], waitFor: [], on: null, where: () => undefined };
  return { kind: 'netns', name, realName: `map.${name}`, labels, ...empty };
}

/** A ring of cities; `labels` writes where each is. */
function mapped(labels: (lat: number, lon: number) => Readonly<Record<string, string>>): Topology {
  const names = Object.keys(CITIES);
  const links = names.flatMap((name, at) => [
    drawnLink(`node ${name}`, 'east', { bridge: `w${at}` }),
    drawnLink(`node ${names[(at + 1) % names.length]}`, 'west', { bridge: `w${at}` }),
  ]);
  const nodes = Object.entries(CITIES).map(([name, [lat, lon]]) => entry(name, labels(lat, lon)));
  return { ...drawnTopology('map', links), nodes };
}

const WAYS: readonly (readonly [string, (lat: number, lon: number) => Readonly<Record<string, string>>])[] = [
  ['lat, lon', (lat, lon) => ({ lat: `${lat}`, lon: `${lon}` })],
  ["the Topology Zoo's", (lat, lon) => ({ Latitude: `${lat}`, Longitude: `${lon}` })],
  [
    "containerlab's on earth",
    (lat, lon) => ({ 'graph-geoCoordinateLat': `${lat}`, 'graph-geoCoordinateLng': `${lon}` }),
  ],
  ["containerlab's in pixels", (lat, lon) => ({ 'graph-posX': `${lon * 10}`, 'graph-posY': `${-lat * 10}` })],
];

for (const [name, labels] of WAYS) {
  test(`by labels ${name}: north is above, east is right`, () => {
    const picture = pictureOf(graphOf(mapped(labels)));
    assert.equal(suitingLayout(picture, roomOf(picture)), 'geographic');
    const { x, y } = placesOf(picture, roomOf(picture), 'auto');
    const of = (axis: Float64Array, node: string): number =>
      axis[picture.nodes.findIndex((one) => one.name === node)] ?? 0;
    assert.ok(of(y, 'oslo') < of(y, 'kyiv') && of(y, 'kyiv') < of(y, 'rome') && of(y, 'rome') < of(y, 'lisbon'));
    assert.ok(of(x, 'lisbon') < of(x, 'oslo') && of(x, 'oslo') < of(x, 'rome') && of(x, 'rome') < of(x, 'kyiv'));
  });
}

test('what is no place on earth is no position', () => {
  for (const labels of [{ lat: '91', lon: '0' }, { lat: '', lon: '1' }, { lat: 'north', lon: '1' }, { lon: '1' }, {}]) {
    const picture = pictureOf(graphOf(mapped(() => labels)));
    assert.notEqual(suitingLayout(picture, roomOf(picture)), 'geographic', JSON.stringify(labels));
  }
});

test('a map that is asked for without any position is drawn as without asking', () => {
  const picture = pictureOf(graphOf(mapped(() => ({}))));
  assert.deepEqual(placesOf(picture, roomOf(picture), 'geographic'), placesOf(picture, roomOf(picture), 'auto'));
});
