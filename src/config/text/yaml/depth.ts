/**
 * Measures how deep a YAML text nests, from its lexemes. The library recurses by depth, and if its stack runs out the process can
 * end. So the depth has to be known before the library begins.
 */

/** The lexeme that announces the text of a scalar. */
const SCALAR = '\u001f';

export class Depth {
  /** The columns at which the open block collections begin, each to the right of the one before. */
  readonly #columns: number[] = [];
  #flow = 0;
  #column = 0;
  #offset = 0;
  #isScalar = false;
  /** Whether only white space and indicators precede this on the line, so that a collection may begin here. */
  #begins = true;

  /** The offset after the last lexeme. */
  get offset(): number {
    return this.#offset;
  }

  /** Takes the next lexeme. Returns the depth there. */
  see(lexeme: string): number {
    if (lexeme === SCALAR) {
      this.#isScalar = true;
      return this.#columns.length + this.#flow;
    }
    if (this.#isScalar) this.#content();
    else this.#sign(lexeme);
    this.#isScalar = false;
    this.#offset += lexeme.length;
    this.#column = lexeme.endsWith('\n') ? 0 : this.#column + lexeme.length;
    if (this.#column === 0) this.#begins = true;
    return this.#columns.length + this.#flow;
  }

  #sign(lexeme: string): void {
    switch (lexeme.charAt(0)) {
      case '[':
      case '{':
        this.#content();
        this.#flow += 1;
        break;
      case ']':
      case '}':
        this.#flow -= 1;
        break;
      case '-':
      case '?':
      case ':':
        this.#content();
        this.#begins = true;
        break;
      case ' ':
      case '\t':
      case '\r':
      case '\n':
      case '#':
        break;
      default:
        this.#content();
    }
  }

  #content(): void {
    if (!this.#begins || this.#flow > 0) return;
    this.#begins = false;
    while ((this.#columns.at(-1) ?? -1) > this.#column) this.#columns.pop();
    if ((this.#columns.at(-1) ?? -1) < this.#column) this.#columns.push(this.#column);
  }
}
