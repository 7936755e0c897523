/** Packs files and folders of this machine into one tar archive, which engines unpack in a container, and unpacks theirs here. */
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
 * Makes an archive to be unpacked at `/` of a container. Folders are packed with their contents, symbolic links in them as links, and
 * root owns everything. Throws the file system's error if a source is missing. A later error ends the stream.
 */
export async function archiveOf(files: readonly CopiedFile[]): Promise<Readable> {
  const sources: Source[] = [];
  for (const file of files) {
    const source = await realpath(file.source);
    sources.push({ ...file, source, isFolder: (await stat(source)).isDirectory() });
  }
  return append(sources);
}

/** Packs the sources one after another into the same archive. The last one ends the archive. */
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

/** The header for the archive. `mode` is set on files only: a folder without its execute bits could not be entered. */
function headerOf(header: Header, name: string, mode: number | null): Header {
  return { ...header, name, uid: 0, gid: 0, ...(mode !== null && header.type === 'file' && { mode }) };
}

/**
 * Unpacks an archive from an engine, which holds one file or folder called `name`. It gets the name `place.name` in `place.folder`,
 * which has to exist.
 */
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
