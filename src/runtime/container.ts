/** Turns an engine's description of a container into a Container. No I/O. */
import { NODE_LABEL } from '../topology/nodes/definition.ts';
import type { Container } from '../topology/topology.ts';

/** The fields of `GET /containers/ID/json` that are read. */
export interface InspectAnswer {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Running: boolean; readonly Paused?: boolean; readonly Pid: number };
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null };
}

/** The fields of the same answer about the container's networks. */
export interface NetworksAnswer {
  readonly NetworkSettings?: {
    readonly Networks?: Readonly<Record<string, { readonly MacAddress?: string }>> | null;
  };
}

/** MACs on the engine's networks, in lower case. */
export function macsOf({ NetworkSettings: settings }: NetworksAnswer): readonly string[] {
  const networks = Object.values(settings?.Networks ?? {});
  return networks.flatMap(({ MacAddress: mac }) => (mac ? [mac.toLowerCase()] : []));
}

const LABEL = {
  service: 'com.docker.compose.service',
  index: 'com.docker.compose.container-number',
  project: 'com.docker.compose.project',
  workingDir: 'com.docker.compose.project.working_dir',
  oneOff: 'com.docker.compose.oneoff',
} as const;

/** The labels of a container. */
type Labels = Readonly<Record<string, string>>;

/** Whether a container with these labels was made by `docker compose run`. Compose writes `True` or `False`. */
export function isOneOff(labels: Labels): boolean {
  return labels[LABEL.oneOff]?.toLowerCase() === 'true';
}

/** The filter by which an engine finds all containers of a container's service (Docker Engine API, `label` filters). */
export function siblingLabels({ service, project, workingDir }: Container): string[] {
  const pairs = [
    [LABEL.service, service],
    [LABEL.project, project],
    [LABEL.workingDir, workingDir],
  ] as const;
  return pairs.flatMap(([label, value]) => (value === null ? [] : [`${label}=${value}`]));
}

/** The containers, where a one-off loses its service if that has another container: then it is no replica. */
export function withoutOneOffs(containers: readonly Container[]): readonly Container[] {
  if (!containers.some((container) => container.isOneOff && container.service !== null)) return containers;
  const keyOf = (container: Container): string => siblingLabels(container).join('\n');
  const regular = new Set(containers.flatMap((container) => (container.isOneOff ? [] : [keyOf(container)])));
  return containers.map((container) =>
    container.isOneOff && regular.has(keyOf(container)) ? { ...container, service: null } : container,
  );
}

/**
 * The container of an inspect answer; null if it has no process. A container that is being
 * restarted says `Running` with the pid 0.
 */
export function containerOf(answer: InspectAnswer): Container | null {
  const { Running: running, Pid: pid } = answer.State;
  if (!running || !Number.isInteger(pid) || pid <= 0) return null;
  const labels = answer.Config.Labels ?? {};
  return {
    id: answer.Id,
    name: answer.Name.slice(answer.Name.lastIndexOf('/') + 1),
    pid,
    service: labels[LABEL.service] || null,
    index: replicaIndex(labels[LABEL.index]),
    project: labels[LABEL.project] || null,
    workingDir: labels[LABEL.workingDir] || null,
    isOneOff: isOneOff(labels),
    isPaused: answer.State.Paused === true,
    ...entryOf(labels),
  };
}

function entryOf(labels: Labels): Pick<Container, 'entry'> {
  const { [NODE_LABEL.lab]: lab, [NODE_LABEL.node]: node, [NODE_LABEL.hash]: hash } = labels;
  return lab && node ? { entry: { lab, node, hash: hash || null } } : {};
}

function replicaIndex(label: string | undefined): number {
  const index = Number(label);
  return Number.isSafeInteger(index) && index >= 1 ? index : 1;
}
