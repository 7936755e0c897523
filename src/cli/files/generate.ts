/**
 * `files/` has the verbs that turn configurations into text and never touch the kernel.
 *
 * This file: `generate`.
 */
import { counted } from '../../counted.ts';
import { EXIT, LinkloomError } from '../../errors.ts';
import { SHAPES, type ShapeInfo, type ShapeName } from '../../topology/shapes/names.ts';
import type { WholeLab } from '../../topology/shapes/whole-lab.ts';
import { bareCommandLine } from '../../verb-names.ts';
import { ADDRESS_FLAGS, FRR_FLAGS, type Options, SHAPE_NUMBERS } from '../flags.ts';
import type { Verb } from '../verb.ts';

const MEANINGS = Object.entries<ShapeInfo>(SHAPES).map(([name, { summary, links, defaults, options = {} }]) => {
  const own = Object.entries(options).map(([option, value]) => `--${option} ${value}`);
  const all = [...(links === null ? [] : [`--links ${defaults.links}: ${links}`]), ...own];
  return `  ${name}: ${summary} (${counted(defaults.nodes, 'node')}; ${all.join('; ')})`;
});

export const generate: Verb = {
  description:
    'Prints the configuration of a network of some shape. Nodes are called n0, n1…, or by their role (spine0, core0); ' +
    'their devices eth0, eth1… Every wire has a /30 network of its own, or what the pools say.\n\n' +
    `Shapes, with their defaults:\n${MEANINGS.join('\n')}`,
  arguments: [{ name: '<shape>', description: 'which shape', choices: Object.keys(SHAPES) }],
  flags: [
    ...[...SHAPE_NUMBERS, 'runtime' as const, 'nodeImage' as const, 'compose' as const, 'base' as const],
    ...[...ADDRESS_FLAGS, ...FRR_FLAGS, 'lab' as const, 'format' as const],
  ],
  examples: [
    [`generate ring --nodes 8 | ${bareCommandLine('up', '--lab ring -f -')}`, 'eight namespaces in a ring'],
    ['generate circulant --nodes 1000 --links 10 --format json > big.json', '10,000 links'],
    [`generate waxman --frr ospf --lab wax | ${bareCommandLine('up', '-f -')}`, 'a network that routes by itself'],
    ['generate data-centre --compose --image busybox > compose.yaml', 'a whole compose project'],
  ],
  async run({ out, env }, options, [shape]) {
    const name = shape as ShapeName;
    const text = isWhole(options) ? await wholeText(name, options, env) : await plainText(name, options);
    out.write(text);
    return EXIT.done;
  },
};

/** The options that need entries of `nodes:`. */
function wholeOptions({ nodeImage, wires, loopbacks, wires6, loopbacks6, ipv6, frr, compose }: Options): string[] {
  const asked = { image: nodeImage.length > 0, wires, loopbacks, wires6, loopbacks6, ipv6, frr, compose };
  return Object.entries(asked).flatMap(([flag, value]) =>
    value === undefined || value === false ? [] : [`--${flag}`],
  );
}

/** Whether nodes and wires are printed, or links. Throws E_USAGE for options that do not go together. */
function isWhole(options: Options): boolean {
  const asked = wholeOptions(options);
  const { runtime, compose, base } = options;
  const fits = runtime === undefined || runtime === (compose ? 'service' : 'node');
  if (asked.length > 0 && !fits) {
    const hint = compose
      ? 'services are what it makes: leave --runtime out'
      : 'leave --runtime out, or give --runtime node';
    throw new LinkloomError('E_USAGE', `${asked[0]} does not go with --runtime ${runtime}`, { hint });
  }
  const whole = asked.length > 0 || runtime === 'node';
  if (whole && base !== undefined) {
    throw new LinkloomError('E_USAGE', '--base is for the /30 networks of links', {
      hint: 'give a pool: --wires 10.0.0.0/16',
    });
  }
  return whole;
}

async function plainText(name: ShapeName, { runtime, ...options }: Options): Promise<string> {
  const [shapes, { printConfig }] = await Promise.all([
    import('../../topology/shapes/generate.ts'),
    import('../../topology/shapes/print.ts'),
  ]);
  const kind = runtime === 'node' ? undefined : runtime;
  const { bridgeMode: mode, mtu: mtuBytes, format } = options;
  return printConfig(shapes.generate(name, { ...options, runtime: kind, mode, mtuBytes }), format);
}

async function wholeText(
  name: ShapeName,
  options: Options,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const [{ wholeLab }, { printWholeLab }, { asRouted, withAddressing, USUAL }] = await Promise.all([
    import('../../topology/shapes/whole-lab.ts'),
    import('../../topology/shapes/print.ts'),
    import('./routed.ts'),
  ]);
  const { bridgeMode: mode, mtu: mtuBytes, frr, nodeImage } = options;
  const lab = wholeLab(name, { ...options, mode, mtuBytes, asns: frr === 'bgp', images: imagesOf(nodeImage) });
  const addressed = withAddressing({ addressing: USUAL, ...lab }, options);
  if (options.compose) return (await import('./composed.ts')).composeText(addressed, options, env);
  return printWholeLab((await asRouted(addressed, options, env)) as unknown as WholeLab, options.format);
}

function imagesOf(choices: readonly string[]): readonly { readonly pattern: string; readonly image: string }[] {
  return choices.map((choice) => {
    const at = choice.indexOf('=');
    return { pattern: at < 0 ? '*' : choice.slice(0, at), image: choice.slice(at + 1) };
  });
}
