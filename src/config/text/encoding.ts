/** Finds out in which encoding a text is: by its byte order mark, or by the declaration of XML; else it is UTF-8. */

/** The most bytes in which the declaration of an XML file is looked for. */
const DECLARATION_MOST = 256;

/** @throws Error that says, in words that follow the file's name, that the text is not of its encoding, or that nobody knows that */
export function decodeText(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  // The decoder's own error of what is no UTF-8 has a code that readers know.
  if (encoding === 'utf-8') return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  const decoder = decoderOf(encoding);
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Error(`it is not ${encoding} text`);
  }
}

function decoderOf(encoding: string): { decode(bytes: Uint8Array): string } {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new Error(`its encoding ${JSON.stringify(encoding)} is not known`);
  }
}

/** Marks, and what `<` at the beginning of XML without a mark is (XML 1.0, appendix F). */
function encodingOf(bytes: Uint8Array): string {
  const [first = 0, second = 0] = bytes;
  const begin = (first << 8) | second;
  if (begin === 0xfffe || begin === 0x3c00) return 'utf-16le';
  if (begin === 0xfeff || begin === 0x003c) return 'utf-16be';
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, DECLARATION_MOST));
  const declared = /^<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"'>]+)["']/.exec(head)?.[1] ?? 'utf-8';
  // A declaration that could be read as it is is not of UTF-16, whatever it says.
  return /^utf-?(?:8|16)/i.test(declared) ? 'utf-8' : declared;
}
