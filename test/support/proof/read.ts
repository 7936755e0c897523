/** Reads what a proof says of a lab whose nodes are called LAB and a letter. */
import type { LinkProof, Proof } from '../../../src/proof/proof.ts';

/** The links that are not ok, without the lab's name: `a:eth0` → state. */
export function faultsOf({ lab, links }: Proof): Readonly<Record<string, string>> {
  const wrong = links.filter(({ state }) => state !== 'ok');
  return Object.fromEntries(wrong.map(({ link, state }) => [link.slice(lab.length), state]));
}

/** What is proved of a link. Throws if there is none. */
export function proofOf({ lab, links }: Proof, link: string): LinkProof {
  const found = links.find((one) => one.link === `${lab}${link}`);
  if (found === undefined) throw new Error(`no ${link} among ${links.map((one) => one.link).join(', ')}`);
  return found;
}
