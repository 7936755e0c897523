/** The schema of compose files: `x-network` is checked at the top and in services, all else is compose's own and left open. */
import { COMPOSE_KEYS, NETWORK_KEYS } from '../../src/config/extract.ts';
import { networkParts } from './network.ts';
import { itemOf, type Json } from './rules.ts';

/** Takes both kinds of files, so that one schema serves for a folder of labs. */
export function composeJsonSchema(): Json {
  const { $schema, $defs, ...network } = networkParts();
  const compose: Json = {
    type: 'object',
    properties: {
      ...Object.fromEntries(NETWORK_KEYS.map((key) => [key, false])),
      'x-network': { $ref: '#/$defs/network' },
      services: {
        type: ['object', 'null'],
        additionalProperties: {
          type: ['object', 'null'],
          properties: { 'x-network': serviceNetwork() },
        },
      },
    },
  };
  // As `kindOf` in src/config/extract.ts has it.
  const isCompose = { anyOf: COMPOSE_KEYS.map((key) => ({ required: [key] })) };
  const either = Object.fromEntries([
    ['if', isCompose],
    ['then', compose],
    ['else', { $ref: '#/$defs/network' }],
  ]);
  return {
    $schema,
    description: 'for linkloom: a compose file whose x-network says its links, or a network file',
    type: 'object',
    ...either,
    $defs: { ...$defs, network },
  };
}

/** The node of a link or command is the service, unless the entry names another one. */
function serviceNetwork(): Json {
  const items = (definition: 'link' | 'command'): Json => ({
    type: 'array',
    items: itemOf(definition, true),
  });
  const ofTop = (key: 'bridges' | 'tunnels'): Json => ({ $ref: `#/$defs/network/properties/${key}` });
  return {
    type: 'object',
    description: 'links of this service, and what belongs to them',
    properties: {
      links: items('link'),
      bridges: ofTop('bridges'),
      tunnels: ofTop('tunnels'),
      commands: items('command'),
    },
    additionalProperties: false,
    patternProperties: { '^x-': {} },
  };
}
