/** What an example of a fault is. Each is shown in docs/diagnostics.md, and tried by test/unit/repo/diagnostics.test.ts. */
import type { LoadRequest } from '../../src/config/load.ts';
import type { DiagnosticCode } from '../../src/diagnostics/table.ts';

/** Files that provoke a fault, by their names; the first one is shown first. */
export interface FileExample {
  readonly files: Readonly<Record<string, string>>;
  /** Files of which only the description is shown: they are too large, or hold nothing to see. */
  readonly shown?: string;
  /** Symbolic links beside the files: name → target. */
  readonly symlinks?: Readonly<Record<string, string>>;
  /** What is asked for besides `-f` with the first file. */
  readonly request?: Partial<LoadRequest>;
  /** `null`: linkloom is not in a container of its own. */
  readonly uplinkAddress?: null;
  /** Containers that run: service → how many; `twice` is a name that two engines have. */
  readonly replicas?: Readonly<Record<string, number>>;
  readonly twice?: string;
}

/** What provokes a fault of a running lab, in words. */
export interface SpokenExample {
  readonly when: string;
}

export type Examples<C extends DiagnosticCode> = Readonly<Record<C, FileExample | SpokenExample>>;
