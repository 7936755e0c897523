/** What the keys of an entry say about each other, as the loader's own rules have it (`src/config/rules.ts`, `src/kinds/`). */
import { NODE_KEYS } from '../../src/config/entry.ts';
import { LINK_TYPES, linkKind } from '../../src/kinds/links/link-kinds.ts';
import { VARIABLE } from './patterns.ts';

export type Json = { [key: string]: unknown };

/** What must hold where `when` does. The keyword is no name for a property of a literal, which a promise would be taken for. */
const implied = (when: Json, conclusion: Json): Json =>
  Object.fromEntries([
    ['if', when],
    ['then', conclusion],
  ]);

/** A key that can't be there. Editors show the words at its value; `false` in place of it would have none of its own. */
const refused = (words: string): Json => ({ const: null, doNotSuggest: true, errorMessage: words });

/** Not two of the keys that name a node. One under a service of a compose file may have none. */
function atMostOneNode(): Json {
  const dependencies = NODE_KEYS.slice(0, -1).map((key, at) => {
    const others = NODE_KEYS.slice(at + 1).map((other) => [other, refused(`${key} and ${other} exclude each other`)]);
    return [key, { properties: Object.fromEntries(others) }];
  });
  return { dependencies: Object.fromEntries(dependencies) };
}

/** At least one of them, where no service around it is the node. */
function oneNode(): Json {
  return {
    anyOf: NODE_KEYS.map((key) => ({ required: [key] })),
    errorMessage: 'names no node: give one of node, service, container, netns and host',
  };
}

/** The rules of a command, and those of links and commands about nodes. */
const nodeRules = (underService: boolean): readonly Json[] =>
  underService ? [atMostOneNode()] : [atMostOneNode(), oneNode()];

/** What a link that says its type can't have. What it needs another entry of the same link may say, so nothing is asked for. */
function rulesOfType(type: (typeof LINK_TYPES)[number]): readonly Json[] {
  const { refuses, modes, takesForward } = linkKind(type);
  const keys = [...refuses.map(({ key }) => key), ...(takesForward ? [] : ['forward'])];
  const forbidden = Object.fromEntries(keys.map((key) => [key, refused(`${key} has no meaning for type ${type}`)]));
  const mode = modes.length === 0 ? {} : { mode: { anyOf: [{ enum: modes }, { pattern: VARIABLE }] } };
  const properties = { ...forbidden, ...mode };
  if (Object.keys(properties).length === 0) return [];
  return [implied({ required: ['type'], properties: { type: { const: type } } }, { properties })];
}

/** The rules of a link. */
export function linkRules(): readonly Json[] {
  const impair = refused('netem and impair exclude each other');
  const both = { dependencies: { netem: { properties: { impair } } } };
  return [...LINK_TYPES.flatMap(rulesOfType), ...macRules(), both];
}

/** Kinds whose links have the address of their parent take no `mac`, in all of their modes or in some. */
function macRules(): readonly Json[] {
  return LINK_TYPES.flatMap((type) => {
    const { modes, part, hasOwnMac } = linkKind(type);
    const without = modes.filter((mode) => {
      const made = part({ 'outer-dev': 'x', mode });
      return made !== null && !hasOwnMac(made);
    });
    if (without.length === 0) return [];
    const isType = { required: ['type'], properties: { type: { const: type } } };
    const inMode = { required: ['mode'], properties: { mode: { enum: without } } };
    const when = without.length === modes.length ? isType : { allOf: [isType, inMode] };
    const mac = refused('mac has no meaning: the link has the address of its parent');
    return [implied(when, { properties: { mac } })];
  });
}

/** An item of `links` or `commands`: the definition, and what it says of its node. */
export function itemOf(definition: 'link' | 'command', underService: boolean): Json {
  return { allOf: [{ $ref: `#/$defs/${definition}` }, ...nodeRules(underService)] };
}
