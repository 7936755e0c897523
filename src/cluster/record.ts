/**
 * `cluster/` is one lab over several hosts: the records that they share, the part of the lab that each has, and the store that holds
 * the records. It decides and stores; it makes no link, and does not know the verbs. Only `nats/` knows which store it is, and only
 * `--store` loads that. Without a store a lab's file is its record, and nothing here is used.
 *
 * This file: the record of a lab. The whole lab is one record, so that one write is the commit, the order of changes, and the lock
 * between those who change it.
 */
import type { HostAddress, HostName, NodeKey } from '../spread/spread.ts';
import type { Numbers } from '../spread/vni.ts';

/** The form of records that this version writes. Readers take any form, and ignore keys that they do not know. */
export const RECORD_SCHEMA = 1;

/** What is wanted of a lab, on all hosts. Only those who run verbs write it; agents read it. */
/** One of them is a file, or a folder with all that is in it. */
export interface NodeFile {
  /** Below the folder; '' for the file or folder itself. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** In base64. null: it is a folder. */
  readonly data: string | null;
}

export type NodeFiles = readonly NodeFile[];

export interface LabRecord extends Numbers {
  readonly schema: number;
  /** The least version of linkloom that can carry it out, as `0.9`. An older agent keeps what it has, and says so. */
  readonly needs: string;
  /** Who wrote it, for people: `USER@HOST`. */
  readonly writer: string;
  /** When it was written, by the writer's clock: RFC 3339, for people. Nothing is decided by it. */
  readonly at: string;
  /** The merged configuration in linkloom's own language, as `linkloom config --json` prints it. */
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * Files that lie beside the configuration and that nodes get by `copy:`, by the relative paths that `config` has in their place.
   * Absent: none.
   */
  readonly files?: Readonly<Record<string, NodeFiles>> | undefined;
  /** The hosts of the lab. */
  readonly hosts: Readonly<Record<HostName, HostAddress>>;
  /** By node (`nodeKey`), the host that it is on. A node that is not here is a container that no host has claimed yet. */
  readonly place: Readonly<Record<NodeKey, HostName>>;
  /** Whether the lab is to be removed. Absence of a record never removes anything. */
  readonly deleted: boolean;
}
