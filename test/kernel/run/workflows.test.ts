/** The jobs of examples/ci: each command of linkloom in them is run, and the files that they hand to the CI system are there. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { parse } from 'yaml';
import { BIN, NEUTRAL, ROOT } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames } from '../../support/netns.ts';

interface Job {
  /** All lines of shell, in their order; what always runs is last. */
  readonly lines: readonly string[];
  /** Files that the job hands over. */
  readonly files: readonly string[];
  /** What the system sets. */
  readonly env: Readonly<Record<string, string>>;
}

const textOf = (file: string): string => readFileSync(join(ROOT, 'examples/ci', file), 'utf8');

function github(): Job {
  interface Step {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: { readonly path?: string };
  }
  const workflow = parse(textOf('github.yml')) as {
    readonly on: readonly string[];
    readonly jobs: Readonly<Record<string, { readonly 'runs-on': string; readonly steps: readonly Step[] }>>;
  };
  const [job, ...more] = Object.values(workflow.jobs);
  assert.ok(job?.['runs-on'] && more.length === 0 && workflow.on.length > 0);
  for (const { uses, run } of job.steps) assert.ok((uses === undefined) !== (run === undefined));
  return {
    lines: job.steps.flatMap(({ run }) => run ?? []),
    files: job.steps.flatMap((step) => step.with?.path?.trim().split('\n') ?? []),
    env: { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: 'summary.md' },
  };
}

function gitlab(): Job {
  interface Part {
    readonly script: readonly string[];
    readonly after_script?: readonly string[];
    readonly artifacts: { readonly paths?: readonly string[]; readonly reports: { readonly junit: string } };
  }
  const { default: _, ...jobs } = parse(textOf('gitlab.yml')) as Readonly<Record<string, Part>>;
  const parts = Object.values(jobs);
  return {
    lines: parts.flatMap(({ script, after_script = [] }) => [...script, ...after_script]),
    files: parts.flatMap(({ artifacts }) => [...(artifacts.paths ?? []), artifacts.reports.junit]),
    env: { CI: 'true', GITLAB_CI: 'true' },
  };
}

function jenkins(): Job {
  const text = textOf('Jenkinsfile');
  assert.equal(text.split('{').length, text.split('}').length);
  const valuesOf = (step: string): readonly string[] =>
    [...text.matchAll(new RegExp(`^ *${step} '([^']+)'$`, 'gm'))].map(([, value = '']) => value);
  return {
    lines: valuesOf('sh'),
    files: [...valuesOf('junit'), ...valuesOf('archiveArtifacts artifacts:')].flatMap((value) => value.split(', ')),
    env: { CI: 'true', JENKINS_URL: 'http://jenkins.invalid/' },
  };
}

/** A folder of a job: the example in its place, and a program `linkloom` that is the one built here. */
function checkout(): Folder {
  const folder = temporaryFolder('workflow');
  cpSync(join(ROOT, 'examples/ci'), join(folder.path, 'examples/ci'), { recursive: true });
  mkdirSync(join(folder.path, 'bin'));
  const program = join(folder.path, 'bin/linkloom');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(program, 0o755);
  return folder;
}

describe('the jobs of examples/ci', { timeout: 120_000, ...needs('root', 'program:ip', 'program:ping') }, () => {
  for (const [name, read] of Object.entries({ github, gitlab, jenkins })) {
    it(name, async () => {
      using folder = checkout();
      const before = await netnsNames();
      const { lines, files, env } = read();
      const commands = lines
        .filter((line) => /\blinkloom (?!$)/.test(line))
        .map((line) => line.replace(/^sudo --preserve-env /, ''));
      assert.deepEqual(
        commands.map((line) => line.split(' ').slice(0, 2).join(' ')),
        ['run', 'up', 'exec', 'down'].map((verb) => `linkloom ${verb}`),
      );
      const path = `${join(folder.path, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`;
      const sh = (line: string) =>
        execa('sh', ['-c', line], {
          cwd: folder.path,
          env: { ...NEUTRAL, ...env, PATH: path },
          reject: false,
          all: true,
        });
      try {
        for (const line of commands) {
          const { exitCode, all } = await sh(line);
          assert.equal(exitCode, 0, `${line}\n${all}`);
        }
      } finally {
        await sh('linkloom down --lab ci');
      }
      assert.ok(files.length >= 3);
      for (const file of files) assert.ok(existsSync(join(folder.path, file)), file);
      const junit = files.filter((file) => file.endsWith('.xml'));
      for (const file of junit)
        assert.match(readFileSync(join(folder.path, file), 'utf8'), /<testsuites>[\s\S]*tests="4" failures="0"/);
      assert.deepEqual(await netnsNames(), before);
    });
  }
});
