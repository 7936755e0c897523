/** What other machines ask of a lab by the store of several hosts: the same as by the API of its own host, a proof of its wires, and its checks. */
import * as v from 'valibot';
import type { LabControl } from '../../daemon/asked/control.ts';
import { LinkloomError } from '../../errors.ts';
import { toldToOthers } from '../../lab/check/nodes.ts';
import { checkSession, nodesOfSession } from '../../lab/verbs/check.ts';
import { verifyLab } from '../../lab/verify/verify.ts';
import { proofJson } from '../../report/proof/json.ts';
import { ResetBody, SetBody } from '../answers/setting.ts';
import { resetOf, setOf } from './setting.ts';

const VERIFY_MAX_MS = 300_000;

/** Of checks of which nobody says how long they may take. */
const CHECK_MAX_MS = 300_000;
const PARALLEL_MAX = 1000;

const texts = v.array(v.string());

const FarNode = v.strictObject({
  label: v.string(),
  names: texts,
  loopbacks: texts,
  devices: v.array(v.strictObject({ dev: v.string(), prefixes: texts })),
});

const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(CHECK_MAX_MS));

const CheckBody = v.strictObject({
  names: texts,
  from: texts,
  allPairs: v.boolean(),
  withinMs: v.nullable(milliseconds),
  timeoutMs: milliseconds,
  parallel: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PARALLEL_MAX)),
  far: v.strictObject({ nodes: v.array(FarNode), missing: texts }),
});

const VerifyBody = v.strictObject({
  links: v.array(v.string()),
  timeoutMs: v.pipe(v.number(), v.minValue(1), v.maxValue(VERIFY_MAX_MS)),
});

/** By the word that is asked. Each takes and returns what goes as JSON; throws E_USAGE for a question that is none, and what the verb throws. */
export const ANSWERS: Readonly<Record<string, (control: LabControl, asked: unknown) => Promise<unknown>>> = {
  set: async (control, asked) => await setOf(control, read(SetBody, asked)),
  reset: async (control, asked) => await resetOf(control, read(ResetBody, asked)),
  verify: async (control, asked) => {
    const how = read(VerifyBody, asked);
    const io = { emit: () => {}, signal: null };
    return proofJson(await control.between((session) => verifyLab(session, how, io)), {});
  },
  nodes: async (control) => toldToOthers(await control.looking(nodesOfSession)),
  check: async (control, asked) => {
    const { far, ...how } = read(CheckBody, asked);
    const io = { emit: () => {}, signal: null };
    return await control.looking(async (session) => ({
      report: await checkSession(session, how, io, far),
      order: (session.topology.checks ?? []).map(({ name }) => name),
    }));
  },
};

function read<Schema extends v.GenericSchema>(schema: Schema, asked: unknown): v.InferOutput<Schema> {
  const { success, output, issues } = v.safeParse(schema, asked);
  if (success) return output;
  throw new LinkloomError('E_USAGE', `the question has a fault: ${issues[0].message}`);
}
