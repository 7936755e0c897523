/** What the user asks of an import, and what an importer may look at besides its file. */
import type { Lookup } from '../text/interpolate.ts';

/** `--image 'GLOB=IMAGE'`: the image of nodes whose name, or whose own image, matches. */
export interface ImageChoice {
  readonly pattern: string;
  readonly image: string;
}

export interface ImportOptions {
  /** The first that matches counts. */
  readonly images: readonly ImageChoice[];
  /** `netns`: every node becomes a network namespace. */
  readonly as: 'netns' | null;
  /** Whether nodes stay that need what linkloom does not give them, such as a virtual machine. */
  readonly keepUnknown: boolean;
  /** Whether delays and rates are carried over. */
  readonly impair: boolean;
  /** Values for the template in a containerlab file. */
  readonly vars: Readonly<Record<string, unknown>>;
}

export const NO_OPTIONS: ImportOptions = { images: [], as: null, keepUnknown: false, impair: true, vars: {} };

/** What an importer may ask of the world. */
export interface Surroundings {
  readonly lookup: Lookup;
  /** The text of a file beside the imported one; null if there is none. `name` is relative to its folder. */
  readonly read: (name: string) => Promise<string | null>;
  /** Whether there is a file or folder of this name beside the imported one. */
  readonly exists: (name: string) => Promise<'file' | 'folder' | null>;
  /** A path of the file, as it must be written in the result, whose paths are relative to another folder. */
  readonly rebased: (path: string) => string;
}
