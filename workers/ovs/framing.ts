/**
 * `ovs/` drives Open vSwitch: its daemons, its database, and JSON-RPC over its sockets (RFC 7047, and unixctl of ovs-appctl(8)).
 * It does without `ovs-vsctl`: this way changes of any number are one transaction, and each port's error comes back as data.
 *
 * This file: splits a stream of JSON texts that have no separator.
 */

/** Splits a stream of JSON objects into one text per object. */
export class JsonFramer {
  #text = '';
  /** The index in #text up to which it was examined. */
  #at = 0;
  #depth = 0;
  #inString = false;

  /** Adds received text, and returns the objects that are complete now. */
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
      // An escaped character is skipped together with its backslash, even if it has not arrived yet.
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
