/** What an import makes of a graph that is given as text. */
import { importLab } from '../../../../src/config/import/import.ts';
import { NO_OPTIONS } from '../../../../src/config/import/options.ts';
import { surroundingsOf } from '../../../../src/config/import/surroundings.ts';

const AROUND = surroundingsOf('/nowhere', '/nowhere', () => undefined);

export async function imported(text: string) {
  const lab = await importLab({ file: 'my x', text, format: null, options: NO_OPTIONS, around: AROUND });
  const said = lab.notes.inOrder.map(({ message, where }) => `${where?.line ?? '-'}: ${message}`);
  const document = lab.document();
  return { document, said, nodes: Object.keys((document['nodes'] as object | undefined) ?? {}) };
}

/** The last line is what is in the graph; those before it declare keys. */
export const graphml = (lines: readonly string[], attributes = 'edgedefault="undirected"') =>
  imported(
    ['<graphml>', ...lines.slice(0, -1), `<graph ${attributes}>`, lines.at(-1), '</graph></graphml>'].join('\n'),
  );
