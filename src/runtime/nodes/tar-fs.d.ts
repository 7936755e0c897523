/** What is used of tar-fs 2, which dockerode brings along. */
declare module 'tar-fs' {
  import type { Readable, Writable } from 'node:stream';

  /** tar(5). `name` is relative, with slashes. */
  export interface Header {
    name: string;
    mode: number;
    uid: number;
    gid: number;
    readonly type: string;
  }

  export interface PackOptions {
    readonly entries?: string[];
    readonly map?: (header: Header) => Header;
    /** Bits that are taken away; default: the process's own. */
    readonly umask?: number;
    /** An archive that goes on. */
    readonly pack?: Readable;
    /** Default true: the archive ends with this. */
    readonly finalize?: boolean;
    readonly finish?: () => void;
  }

  export function pack(folder: string, options?: PackOptions): Readable;
  export function extract(folder: string, options?: { readonly map?: (header: Header) => Header }): Writable;
}
