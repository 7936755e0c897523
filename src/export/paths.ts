/** Writes paths of the host as the written file needs them. */
import { isAbsolute, relative } from 'node:path';

/** `SOURCE:TARGET…` with its source relative to the folder of the written file, if it is below it. A volume's name stays. */
export function rebasedBind(text: string, folder: string): string {
  const [source = '', ...rest] = text.split(':');
  if (!isAbsolute(source)) return text;
  const below = relative(folder, source);
  const isBelow = below !== '' && !below.startsWith('..') && !isAbsolute(below);
  return [isBelow ? `./${below}` : source, ...rest].join(':');
}
