/** The texts that the program itself says: the strings of its sources that have several words. */
import ts from 'typescript';

/** A string of fewer words is a name or a key. */
const LEAST_WORDS = 3;

/** Each text of a source, with its line. What a template puts in is `CODE`. */
export function* textsOf(path, source) {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ES2022);
  const pending = [file];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const text = textOf(node);
    if (text !== null && text.trim().split(/\s+/).length >= LEAST_WORDS)
      yield { line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1, text: unquoted(text) };
    const children = [];
    ts.forEachChild(node, (child) => void children.push(child));
    pending.push(...children.reverse());
  }
}

/** What stands in quotes is what a user has written or is to write, as code is. */
function unquoted(text) {
  return text.replaceAll(/(?<!\w)(['"])[^'"]+\1(?!\w)/g, 'CODE');
}

function textOf(node) {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map((span) => `CODE${span.literal.text}`).join('');
}
