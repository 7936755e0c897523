/** Figures for Prometheus, in its text format. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { isHealthy } from '../../daemon/asked/condition.ts';
import type { LabControl } from '../../daemon/asked/control.ts';
import type { HostsFigures } from '../../daemon/asked/hosts-figures.ts';
import type { Recorder } from './recorder.ts';

/** In seconds: from a stage of a pass over one link to one over 100,000. */
const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** In seconds: from a lock that is free to one that somebody holds while a thousand bridges go. */
const WAIT_BUCKETS_S = [0.000_01, 0.000_1, 0.001, 0.01, 0.1, 0.3, 1, 3, 10, 30];

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

export function metricsOf(control: LabControl, recorder: Recorder, hosts?: () => HostsFigures): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ lab: control.lab });
  const registers = [registry];
  addGauges(control, recorder, registers);
  addCounters(control, recorder, registers);
  if (hosts !== undefined) addOfHosts(hosts, registers);
  const durations = new Histogram({
    name: 'linkloom_stage_duration_seconds',
    help: 'How long each stage of a pass took.',
    labelNames: ['stage'],
    buckets: BUCKETS_S,
    registers,
  });
  const waits = new Histogram({
    name: 'linkloom_rtnl_wait_seconds',
    help: 'How long a change of nothing waited for RTNL, the lock of the kernel for changes of network devices; measured after each pass.',
    buckets: WAIT_BUCKETS_S,
    registers,
  });
  const take = (): void => {
    for (const { stage, seconds } of recorder.takeDurations()) {
      if (stage === 'rtnl') waits.observe(seconds);
      else durations.observe({ stage }, seconds);
    }
  };
  recorder.whenFull(take);
  return {
    contentType: registry.contentType,
    text: async () => {
      take();
      return await registry.metrics();
    },
  };
}

function addGauges(control: LabControl, recorder: Recorder, registers: Registry[]): void {
  new Gauge({
    name: 'linkloom_links',
    help: 'Links of the nodes that run, by their state after the last pass.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, count] of recorder.links) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'linkloom_healthy',
    help: 'Whether the engines are followed and all links of the nodes that run are up.',
    registers,
    collect() {
      this.set(isHealthy(control.condition()) ? 1 : 0);
    },
  });
  new Gauge({
    name: 'linkloom_engines_lost',
    help: 'Container engines that do not answer.',
    registers,
    collect() {
      this.set(control.condition().lost.length);
    },
  });
  new Gauge({
    name: 'linkloom_configuration_revision',
    help: 'How often the configuration was read.',
    registers,
    collect() {
      this.set(control.session().revision);
    },
  });
}

function addCounters(control: LabControl, recorder: Recorder, registers: Registry[]): void {
  new Counter({
    name: 'linkloom_passes_total',
    help: 'Passes that were carried out.',
    registers,
    collect() {
      this.reset();
      this.inc(recorder.passes);
    },
  });
  new Counter({
    name: 'linkloom_retries_total',
    help: 'Attempts to make what had failed before.',
    registers,
    collect() {
      this.reset();
      this.inc(control.condition().retries);
    },
  });
  new Counter({
    name: 'linkloom_events_total',
    help: 'What happened to the lab, by type (docs/events.md).',
    labelNames: ['source', 'type'],
    registers,
    collect() {
      this.reset();
      for (const { source, type, count } of control.log.counts) this.inc({ source, type }, count);
    },
  });
  new Counter({
    name: 'linkloom_drift_total',
    help: 'Differences that linkloom did not make: found (drifted), and put back (mended).',
    labelNames: ['step'],
    registers,
    collect() {
      this.reset();
      for (const step of ['drifted', 'mended']) {
        const counts = control.log.counts.filter(({ type }) => type === step);
        this.inc(
          { step },
          counts.reduce((sum, { count }) => sum + count, 0),
        );
      }
    },
  });
}

function addOfHosts(hosts: () => HostsFigures, registers: Registry[]): void {
  new Gauge({
    name: 'linkloom_revision',
    help: 'Revision of the record of the lab that this host has carried out. 0: none.',
    registers,
    collect() {
      this.set(hosts().made);
    },
  });
  new Gauge({
    name: 'linkloom_revision_lag',
    help: 'How far that is behind the newest revision that this host has seen. 0: it is not.',
    registers,
    collect() {
      const { seen, made } = hosts();
      this.set(Math.max(0, seen - made));
    },
  });
  new Gauge({
    name: 'linkloom_converge_seconds',
    help: 'From the arrival of the record that is carried out to the end of that.',
    registers,
    collect() {
      const { convergeMs } = hosts();
      if (convergeMs === null) this.remove();
      else this.set(convergeMs / 1000);
    },
  });
  new Counter({
    name: 'linkloom_store_calls_total',
    help: 'How often the agent of this host has asked the store, for all labs.',
    registers,
    collect() {
      this.reset();
      this.inc(hosts().storeCalls);
    },
  });
  new Counter({
    name: 'linkloom_store_retries_total',
    help: 'How often it has asked again, since the store had not answered.',
    registers,
    collect() {
      this.reset();
      this.inc(hosts().storeRetries);
    },
  });
}
