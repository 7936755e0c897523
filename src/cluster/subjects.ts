/** The subjects of messages that nobody keeps. Names of labs and hosts have no dots. */
import type { HostName } from './names.ts';

/** What a host is asked about a lab: `what` is a word, or `>` for all. */
export function askSubject(host: HostName, lab: string, what: string): string {
  return `ll.ask.${host}.${lab}.${what}`;
}

/** Where a host tells what happens to a lab. `*`: any host. */
export function eventsSubject(lab: string, host: HostName): string {
  return `ll.events.${lab}.${host}`;
}
