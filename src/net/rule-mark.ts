/**
 * The mark of a packet filter's rule: the text of its comment, by which linkloom knows its own rules again, the link
 * that they serve and what they do. All of it is words without quotes, which every tool carries as they are.
 */
import { sha256Hex } from './digest.ts';

const PREFIX = 'linkloom/1';
/** So that the longest lab and the longest rule still fit into a comment (254 bytes, nftables' user data). */
const OWNER_MAX_BYTES = 64;

export interface RuleMark {
  readonly lab: string;
  /** As `ownerOf` says it. */
  readonly owner: string;
  /** What the rule does. */
  readonly text: string;
}

/** The word by which rules name the link (`NODE:DEV`) that they serve; a long one by its hash. */
export function ownerOf(link: string): string {
  const word = encodeURIComponent(link).replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll("'", '%27');
  return word.length <= OWNER_MAX_BYTES ? word : `#${sha256Hex(link).slice(0, 32)}`;
}

/** The comment of a rule. */
export function ruleComment({ lab, owner, text }: RuleMark): string {
  return [PREFIX, lab, owner, text].join(' ');
}

/** The mark in a comment, or null if it is not one of ours. */
export function ruleMarkOf(comment: string): RuleMark | null {
  const [prefix, lab, owner, ...text] = comment.split(' ');
  if (prefix !== PREFIX || !lab || !owner || text.length === 0) return null;
  return { lab, owner, text: text.join(' ') };
}

/** The table of nftables that holds a lab's rules, and nothing else. */
export function ruleTable(lab: string): string {
  return `linkloom-${lab}`;
}
