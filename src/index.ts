/**
 * linkloom as a library: the stages of the pipeline and the nouns they pass on. Everything that changes the
 * kernel needs Linux, CAP_NET_ADMIN and CAP_SYS_ADMIN; `load`, `planOffline` and `generate` need neither.
 */
export { type LoadRequest, loadConfig } from './config/load.ts';
export { type Diagnostic, ERROR_CODES, type ErrorCode, EXIT, LinkloomError, type Span } from './errors.ts';
export type { Emit, Event, Failure, LinkCounts, Summary, Timings } from './events.ts';
export { down, load, plan, planOffline, status, up } from './pipeline.ts';
export type { Op } from './plan/op.ts';
export type { Plan, PlannedLink, Verdict } from './plan/plan.ts';
export type { BridgeStatus, LinkStatus, StatusReport } from './plan/status.ts';
export { DEFAULT_WORKERS, type Io, type Request } from './session.ts';
export { generate } from './topology/shapes/generate.ts';
export type { Link, Network, Node, Topology } from './topology/topology.ts';
