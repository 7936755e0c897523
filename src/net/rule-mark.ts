/**
 * Makes and reads the marks of packet filter rules. A mark is the text of a rule's comment. By it linkloom recognises its own
 * rules, the link that they serve and what they do. It consists of words without quotes, which every tool keeps as they are.
 */
import { sha256Hex } from './digest.ts';

const PREFIX = 'linkloom/1';
/** The longest owner, so that the longest lab and the longest rule still fit into a comment (254 bytes, nftables' user data). */
const OWNER_MAX_BYTES = 64;

export interface RuleMark {
  readonly lab: string;
  /** The link that the rule serves, as `ownerOf` writes it. */
  readonly owner: string;
  /** What the rule does. */
  readonly text: string;
}

/** The word by which rules name the link (`NODE:DEV`) that they serve; a hash if it is too long. */
export function ownerOf(link: string): string {
  const word = encodeURIComponent(link).replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll("'", '%27');
  return word.length <= OWNER_MAX_BYTES ? word : `#${sha256Hex(link).slice(0, 32)}`;
}

/** The comment of a rule. */
export function ruleComment({ lab, owner, text }: RuleMark): string {
  return [PREFIX, lab, owner, text].join(' ');
}

/** The mark in a comment; null if the comment is not one of linkloom's. */
export function ruleMarkOf(comment: string): RuleMark | null {
  const [prefix, lab, owner, ...text] = comment.split(' ');
  if (prefix !== PREFIX || !lab || !owner || text.length === 0) return null;
  return { lab, owner, text: text.join(' ') };
}

/** The name of the nftables table that has a lab's rules, and nothing else. */
export function ruleTable(lab: string): string {
  return `linkloom-${lab}`;
}
