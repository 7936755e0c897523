/** The variables of a node: those of its files, and on top of them its own. */
import { parseDotEnv } from '../../text/dotenv.ts';
import type { ForeignLab } from '../foreign-lab.ts';
import type { Surroundings } from '../options.ts';
import type { Layers } from './layers.ts';

/** Asks containerlab for all variables of the shell that it is started from. */
const IMPORT_ALL = '__IMPORT_ENVS';

export async function environmentOf(
  lab: ForeignLab,
  name: string,
  layers: Layers,
  { read, lookup }: Surroundings,
): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const { value, path } of layers.all('env-files')) {
    for (const [at, file] of (Array.isArray(value) ? value : [value]).entries()) {
      const text = await read(String(file));
      if (text === null) {
        const why = 'there is no such file in the folder of the topology';
        lab.notes.leftOut(
          `the file of variables ${String(file)} of ${name}`,
          () => layers.where([...path, at], 'value'),
          why,
        );
      } else Object.assign(variables, Object.fromEntries(parseDotEnv(text, lookup).variables));
    }
  }
  const { [IMPORT_ALL]: all, ...own } = layers.map('env');
  if (all !== undefined && String(all) !== 'false') {
    const path = layers.keys.get('env') ?? [];
    lab.notes.leftOut(
      `${IMPORT_ALL} of ${name}`,
      () => layers.where(path),
      'the environment of an import is no part of a lab',
    );
  }
  return { ...variables, ...Object.fromEntries(Object.entries(own).map(([key, value]) => [key, String(value ?? '')])) };
}
