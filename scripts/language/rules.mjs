/** The rules of the language: words that are not used, terms that are written in one way, and pages whose sentences are short. */

/** Pages that newcomers read first. A sentence there has at most MAX_WORDS words, and the glossary has the words of the field. */
export const NEWCOMERS = [
  'README.md',
  'docs/getting-started.md',
  'docs/concepts.md',
  'docs/verbs.md',
  'docs/configuration.md',
  'docs/whole-lab.md',
  'docs/bridge-modes.md',
  'docs/from-conlink.md',
  'docs/from-containerlab.md',
  'docs/from-kathara-mininet.md',
  'docs/ci.md',
  'docs/rootless.md',
  'docs/troubleshooting.md',
  'docs/needs.md',
];
/** Pages with short sentences that may use words of the field. */
export const SHORT = [...NEWCOMERS, 'CHANGELOG.md'];
export const MAX_WORDS = 25;

/** A pattern, and what to do instead. They hold for all pages. */
export const WORDS = [
  [/\bsimply\b/i, 'leave it out'],
  [/\bjust\b/i, 'leave it out, or say "only"'],
  [/\bobviously\b|\bof course\b/i, 'leave it out'],
  [/\beasily\b|\beasy\b/i, 'say what there is to do'],
  [/\bplease note\b|\bnote that\b/i, 'say it without that'],
  [/\be\.g\.|\bi\.e\.|(?<!\/)\betc\.|\bviz\.|\bcf\./i, 'write "for example", "that is", "and so on"'],
  [/\bvia\b/i, 'write "by" or "through"'],
  [/\butili[sz]e/i, 'write "use"'],
  [/\bin order to\b/i, 'write "to"'],
  [/^(It is|It was) (recommended|noted|advised|possible)\b/i, 'name who does it'],
  [/^There (is|are) (no )?(need|way)s? to\b/i, 'say what the reader does'],
  [/\ballows? (you )?to\b/i, 'say what the reader does'],
  [/\bleverag(e|es|ing)\b|\bseamless/i, 'say what it does'],
  [/\bblacklist|\bwhitelist|\bmaster\/slave/i, 'say what it does'],
];

/** Names that are written in one way. */
export const TERMS = [
  [/(?<!\/)\bopen ?vswitch\b/, 'Open vSwitch'],
  [/\bNodeJS\b|\bnode\.js\b/, 'Node.js'],
  [/\b(Yaml|yaml) file/, 'YAML'],
  [/\bJson\b/, 'JSON'],
  [/\bContainerlab\b/, 'containerlab'],
  [/\bConlink\b/, 'conlink'],
  [/\bLinkLoom\b/, 'linkloom'],
  [/\bkathara\b(?!\/)/, 'Kathara'],
  [/\bmininet\b/, 'Mininet'],
  [/\bNetlink\b/, 'netlink'],
  [/\bip address/, 'IP address'],
];

/** Words of the field. A newcomer's page may use one that `docs/concepts.md` explains, in bold at the front of an entry. */
export const JARGON = [
  'broadcast domain',
  'drift',
  'mark',
  'netem',
  'netlink',
  'network namespace',
  'override',
  'port',
  'qdisc',
  'replica',
  'revision',
  'shard',
  'switch side',
  'topology',
  'tunnel',
  'veth',
  'wire',
];
