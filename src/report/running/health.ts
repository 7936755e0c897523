/** What `health` prints. */
import { printable } from '../escape.ts';
import type { Sink } from '../output.ts';

/** Names of what is amiss; more are counted. */
const NAMED_MAX = 8;

interface Health {
  readonly lab: string;
  readonly ready: boolean;
  readonly passed: boolean;
  readonly lost: readonly string[];
  readonly failing: readonly string[];
  readonly waiting: readonly string[];
}

/** `lab ring: healthy`, or what is amiss: `lab ring: not healthy: 2 fail: a:eth0, bridge lan`. */
export function healthText({ lab, ready, passed, lost, failing, waiting }: Health, paint: Sink['paint']): string {
  const name = `lab ${paint('bold', printable(lab))}`;
  if (ready) return `${name}: ${paint('green', 'healthy')}\n`;
  const faults = [
    ...(passed ? [] : ['it is being made']),
    ...(lost.length === 0 ? [] : [`no answer from ${named(lost)}`]),
    ...(failing.length === 0 ? [] : [`${failing.length} failed: ${named(failing)}`]),
    ...(waiting.length === 0 ? [] : [`${waiting.length} waiting: ${named(waiting)}`]),
  ];
  return `${name}: ${paint('yellow', 'not healthy')}: ${printable(faults.join('; '))}\n`;
}

function named(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return more > 0 ? `${names.slice(0, NAMED_MAX).join(', ')} and ${more} more` : names.join(', ');
}
