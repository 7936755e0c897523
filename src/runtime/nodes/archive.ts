/** Files and folders of this machine as one tar archive, as engines take them for a container. */
import { access, realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header, type PackOptions, pack } from 'tar-fs';
import type { CopiedFile } from '../../topology/nodes/definition.ts';

interface Source extends CopiedFile {
  readonly isFolder: boolean;
}

/**
 * An archive for the root of a container: folders with what is in them, links in folders as links, everything root's. Throws what the
 * file system says where a source is missing; what fails later ends the stream with that.
 */
export async function archiveOf(files: readonly CopiedFile[]): Promise<Readable> {
  const sources: Source[] = [];
  for (const file of files) {
    const source = await realpath(file.source);
    sources.push({ ...file, source, isFolder: (await stat(source)).isDirectory() });
  }
  return append(sources);
}

/** One after the other into the same archive, which the last one ends. */
function append([first, ...rest]: readonly Source[], archive?: Readable): Readable {
  if (first === undefined) throw new RangeError('an archive needs a file');
  const { source, target, mode, isFolder } = first;
  const base = target.replace(/^\/+|\/+$/g, '');
  const options: PackOptions = {
    umask: 0,
    map: (header) => headerOf(header, isFolder ? `${base}/${header.name.replace(/^\.\/?/, '')}` : base, mode),
    finalize: rest.length === 0,
    ...(archive && { pack: archive }),
    ...(!isFolder && { entries: [basename(source)] }),
  };
  let whole: Readable | undefined = archive;
  const finish = (): void => {
    if (rest.length > 0) append(rest, whole);
  };
  whole = pack(isFolder ? source : dirname(source), { ...options, finish });
  return whole;
}

/** A mode that was asked for is of files: folders need theirs to be entered. */
function headerOf(header: Header, name: string, mode: number | null): Header {
  return { ...header, name, uid: 0, gid: 0, ...(mode !== null && header.type === 'file' && { mode }) };
}

/** An archive as engines give it out, of one file or folder called `name`, put into a folder of this machine under another name. */
export async function unpack(
  archive: Readable,
  name: string,
  place: { readonly folder: string; readonly name: string },
): Promise<void> {
  await access(place.folder);
  const map = (header: Header): Header => {
    const rest = header.name.replace(/^\.?\/+/, '');
    const inside = name === '' ? rest : rest.slice(rest.indexOf('/') < 0 ? rest.length : rest.indexOf('/'));
    return { ...header, name: `${place.name}/${inside}`.replace(/\/+$/, header.type === 'directory' ? '/' : '') };
  };
  await pipeline(archive, extract(place.folder, { map }));
}
