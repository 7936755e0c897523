/** The subjects of messages that nobody keeps. Names of labs and hosts have no dots. */
import type { HostName } from './names.ts';

/** What a host is asked about a lab: `what` is a word, or `>` for all. */
export function askSubject(host: HostName, lab: string, what: string): string {
  return `ll.ask.${host}.${lab}.${what}`;
}

/** What a host's agent is asked about a lab that it may not run: what it still knows. */
export function recallSubject(host: HostName): string {
  return `ll.ask.${host}.known`;
}

/** Where a host tells what happens to a lab. `*`: any host. */
export function eventsSubject(lab: string, host: HostName): string {
  return `ll.events.${lab}.${host}`;
}
