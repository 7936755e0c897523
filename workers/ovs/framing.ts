/**
 * `ovs/` speaks to Open vSwitch: JSON-RPC over its sockets (RFC 7047, and unixctl of ovs-appctl(8)), its database, its daemons.
 * No `ovs-vsctl`: a batch of any size is one transaction on a connection, and each port's error comes back as data.
 *
 * This file: JSON texts that follow each other on a stream without anything between them.
 */

/** Parts a stream of JSON objects into texts, one each. */
export class JsonFramer {
  #text = '';
  /** How far #text was looked at. */
  #at = 0;
  #depth = 0;
  #inString = false;

  /** Adds what arrived, and returns the texts that are complete now. */
  push(part: string): string[] {
    this.#text += part;
    const whole: string[] = [];
    for (; this.#at < this.#text.length; this.#at++) {
      if (!this.#endsAt(this.#text.charCodeAt(this.#at))) continue;
      whole.push(this.#text.slice(0, this.#at + 1).trim());
      this.#text = this.#text.slice(this.#at + 1);
      this.#at = -1;
    }
    return whole;
  }

  /** Whether this character ends an object. */
  #endsAt(code: number): boolean {
    if (this.#inString) {
      // An escaped character is skipped with its backslash; if it has not arrived, the loop looks at it later as skipped.
      if (code === BACKSLASH) this.#at += 1;
      else if (code === QUOTE) this.#inString = false;
      return false;
    }
    if (code === QUOTE) this.#inString = true;
    else if (code === OPEN) this.#depth += 1;
    else if (code === CLOSE) {
      this.#depth -= 1;
      return this.#depth === 0;
    }
    return false;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
