import type { EthtoolSetting } from '../../src/topology/values.ts';
import type { OpFailure } from '../../src/wire/failure.ts';
import type { EthtoolSet } from '../../src/wire/ops/extras.ts';
import { failureOf } from '../failure.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { runProgram } from '../program.ts';
import type { JobContext, Placed } from './context.ts';
import { writeOffload } from './offload.ts';

const PROGRAM = 'ethtool';

/** Sets features in order. The first one that can't be set is named in the op's failure. */
export function setFeatures(context: JobContext, ops: readonly Placed<EthtoolSet>[]): void {
  for (const { at, op } of ops) {
    for (const setting of op.settings) {
      try {
        set(context, op.dev, setting);
      } catch (error) {
        if (!(error instanceof SystemFault)) throw error;
        context.failures.push(failureFor(at, op, setting, error));
        break;
      }
    }
  }
}

function set(context: JobContext, dev: string, setting: EthtoolSetting): void {
  switch (setting.kind) {
    case 'offload':
      return writeOffload(context.space.socket, dev, setting.name, setting.on);
    case 'program':
      return void context.space.enter(() => runProgram(PROGRAM, [setting.option, dev, ...setting.words]));
    default:
      throw new TypeError(`no such setting: ${(setting satisfies never as EthtoolSetting).kind}`);
  }
}

function failureFor(at: number, op: EthtoolSet, { text }: EthtoolSetting, fault: SystemFault): OpFailure {
  const found = failureOf(at, fault);
  const isMissing = fault.call === 'exec' && fault.errno === ERRNO.ENOENT;
  return { ...found, subject: `${op.dev}: ethtool ${text}`, ...(isMissing ? { code: 'E_TOOL' } : {}) };
}
