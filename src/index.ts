/**
 * linkloom as a library: the verbs, and the types that they take and return. What changes or reads the kernel needs Linux,
 * CAP_NET_ADMIN and CAP_SYS_ADMIN; `load`, `planOffline` and `generate` need neither. Every failure is a LinkloomError.
 */
export type { DiagnosticCode } from './diagnostics/table.ts';
export { type Diagnostic, ERROR_CODES, type ErrorCode, EXIT, LinkloomError, type Span } from './errors.ts';
export type {
  CommandReport,
  Dispatch,
  Emit,
  Event,
  Failure,
  LinkChange,
  LinkCounts,
  LinkEvent,
  LinkFacts,
  LinkListener,
  LinkStep,
  NodeCounts,
  Pending,
  ProgramReport,
  Stage,
  Summary,
  Timings,
} from './events.ts';
export type { Foreseen } from './lab/verbs/plan.ts';
export type {
  AddressEvent,
  DeviceEvent,
  Happening,
  LabEvent,
  LabEventSource,
  LostEvent,
  OverrideEvent,
} from './lab-events.ts';
export {
  type Configuration,
  down,
  events,
  load,
  plan,
  planOffline,
  type Request,
  type RunOptions,
  status,
  type UpOptions,
  up,
  type VerifyOptions,
  verify,
} from './library/verbs.ts';
export type { Plan, PlannedLink, Verdict } from './plan/plan.ts';
export type { BridgeStatus, LinkStatus, StatusReport, TunnelStatus } from './plan/status/status.ts';
export type { LinkProof, Proof, ProofState } from './proof/proof.ts';
export { type Subject, subjectText } from './subject.ts';
export { type GeneratedConfig, generate, type ShapeOptions } from './topology/shapes/generate.ts';
export type { ShapeName } from './topology/shapes/names.ts';
export type { Link, Network, Node, Topology } from './topology/topology.ts';
export type { Op } from './wire/op.ts';
