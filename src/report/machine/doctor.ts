/** The report of `doctor`: the machine, the features of its kernel, what the lab needs, and the findings. */
import { counted } from '../../counted.ts';
import type { Checkup, LabCheckup } from '../../preflight/checkup.ts';
import { FEATURE_SOURCES } from '../../preflight/features.ts';
import type { Finding } from '../../preflight/finding.ts';
import { FEATURES } from '../../wire/machine.ts';
import { diagnosticText } from '../diagnostics.ts';
import { diagnosticJson } from '../errors.ts';
import { durationText } from '../lines.ts';
import type { Sink } from '../output.ts';
import { bytesText } from '../status.ts';
import { type Column, table } from '../table.ts';

const FACT_COLUMNS: readonly Column[] = [{ title: 'MACHINE' }, { title: '', shrink: true }];
const FEATURE_COLUMNS: readonly Column[] = [
  { title: 'FEATURE' },
  { title: 'HERE' },
  { title: 'MODULE' },
  { title: 'USED FOR', shrink: true },
];
const LAB_COLUMNS: readonly Column[] = [{ title: 'LAB' }, { title: '', shrink: true }];

/** The report as text: tables, then the findings, then one line that sums up. */
export function doctorText(checkup: Checkup, sink: Sink): string {
  const { lab, findings } = checkup;
  const parts = [
    table(FACT_COLUMNS, machineRows(checkup), sink),
    '\n',
    table(FEATURE_COLUMNS, featureRows(checkup), sink),
  ];
  if (lab !== null) parts.push('\n', table(LAB_COLUMNS, labRows(lab), sink));
  parts.push('\n', ...findings.map((finding) => diagnosticText(finding, sink.paint)), sumText(findings));
  return parts.join('');
}

function machineRows({ machine, engines }: Checkup): readonly (readonly string[])[] {
  const known = (value: number | null): string => (value === null ? 'not told here' : String(value));
  const { missingCapabilities: lacking } = machine;
  return [
    ['kernel', `Linux ${machine.kernel}`],
    ['capabilities', lacking.length === 0 ? 'all that linkloom uses' : `without ${lacking.join(', ')}`],
    ['engines', engines.map(({ kind, socketPath }) => `${kind} (${socketPath})`).join(', ') || 'none answers'],
    ['memory available', machine.memoryBytes === null ? known(null) : bytesText(machine.memoryBytes)],
    ['file descriptors', known(machine.descriptors)],
    ['network namespaces', known(machine.namespaces)],
    ['processes', known(machine.pids)],
    ['neighbours (IPv4, IPv6)', `${known(machine.neighbours[4])}, ${known(machine.neighbours[6])}`],
    ['connections tracked', known(machine.connections)],
    ['backlog of packets', known(machine.backlog)],
    ['console level', known(machine.consoleLevel)],
    ['bridge-nf-call', machine.bridgeNf.join(', ') || 'off'],
  ];
}

function featureRows({ missing }: Checkup): readonly (readonly string[])[] {
  return FEATURES.map((feature) => {
    const { module, use } = FEATURE_SOURCES[feature];
    const state = missing === null ? 'unknown' : missing.includes(feature) ? 'no' : 'yes';
    return [feature, state, module, use];
  });
}

function labRows(lab: LabCheckup): readonly (readonly string[])[] {
  const { made } = lab;
  const parts = [
    counted(made.containers, 'container'),
    counted(made.namespaces, 'namespace'),
    counted(made.pairs, 'veth pair'),
    counted(made.bridges, 'bridge'),
    counted(made.patches, 'patch wire'),
    counted(made.others, 'other device'),
  ];
  return [
    ['name', lab.name],
    ['links', String(lab.links)],
    ['to be made', parts.filter((text) => !text.startsWith('0 ')).join(', ') || 'nothing'],
    ['memory of the kernel', bytesText(lab.memoryBytes)],
    ['file descriptors', String(lab.descriptors)],
    ['up', durationText(lab.upMs)],
    ['down', durationText(lab.downMs)],
    ['needs', lab.features.map(({ feature, links }) => `${feature} (${links.length})`).join(', ') || 'nothing'],
  ];
}

function sumText(findings: readonly Finding[]): string {
  const count = (wanted: Finding['severity']): number => findings.filter(({ severity }) => severity === wanted).length;
  const [errors, warnings] = [count('error'), count('warning')];
  if (errors + warnings === 0) return 'nothing is in the way\n';
  return `${counted(errors, 'error')}, ${counted(warnings, 'warning')}\n`;
}

/** The document of `doctor --json`. */
export function doctorJson({ machine, missing, engines, lab, findings }: Checkup): object {
  return {
    schemaVersion: 1,
    machine,
    engines,
    features: Object.fromEntries(
      FEATURES.map((feature) => [feature, missing === null ? null : !missing.includes(feature)]),
    ),
    lab,
    findings: findings.map((finding) => ({ ...diagnosticJson(finding), links: finding.links })),
  };
}
