/** One entry of `links:` or `tunnels:` → LinkSpec or TunnelSpec: defaults filled in, every text of another language parsed. */
import { type Entry, placeOf, spanOf } from '../../config/config.ts';
import type { Diagnostics } from '../../config/diagnose.ts';
import { DEFAULT_DEV } from '../../config/merge.ts';
import type { LinkConfig, TunnelConfig } from '../../config/schema.ts';
import type { DiagnosticCode } from '../../diagnostics/table.ts';
import { bridgeOf, DEFAULT_LINK_TYPE, linkKind, partOf } from '../../kinds/links/link-kinds.ts';
import { parseAddress, parsePrefix } from '../../net/address.ts';
import { numbersOf } from '../../net/link-numbers.ts';
import { parseMac } from '../../net/mac.ts';
import { parseEthtool } from '../text/ethtool.ts';
import { type Fault, isFault } from '../text/fault.ts';
import { netemOfImpair } from '../text/impair.ts';
import { parseNetem } from '../text/netem.ts';
import { parseRoute } from '../text/route.ts';
import type { BridgeSpec, LinkSpec, TunnelSpec } from '../topology.ts';
import type { Forward, Netem, Route } from '../values.ts';
import { type EntryFault, forwardFaults, natFaults, tunnelFaults } from './rules.ts';
import type { Shared } from './selector.ts';

/** The kernel's largest MTU for a veth. With it nothing is fragmented inside a lab unless asked for. */
const DEFAULT_MTU_BYTES = 65_535;
/**
 * The first ethtool setting of every veth link in conlink. Software switches lose checksums that the kernel leaves to
 * hardware.
 */
const TX_OFF = ['--offload tx off'];
/** What most links have of most things. One list for all of them: a hundred thousand empty ones would be megabytes. */
const NONE: readonly never[] = [];

/** Options that the defaults of links depend on. */
export interface LinkDefaults {
  /** The MTU of veth and dummy links that give none. Default: 65535. */
  readonly defaultMtuBytes?: number | undefined;
  /** Whether veth links keep the kernel's TX checksum offload. Default: false. */
  readonly keepVethOffload?: boolean | undefined;
  /**
   * IPv4 address of linkloom's own container on a network of its engine, which `forward` needs. null: it has none.
   * undefined: not known.
   */
  readonly uplinkAddress?: string | null | undefined;
}

/** Keys whose values are in another tool's language. */
type TextKey = 'route' | 'netem' | 'impair' | 'ethtool';

/** Reads the keys of one entry. A fault names the entry and points at the key. */
export class EntryReader<T extends LinkConfig | TunnelConfig> {
  readonly #entry: Entry<T>;
  readonly #label: string;
  readonly #diagnostics: Diagnostics;

  constructor(entry: Entry<T>, label: string, diagnostics: Diagnostics) {
    this.#entry = entry;
    this.#label = label;
    this.#diagnostics = diagnostics;
  }

  /** Reads a link. null: the link lacks something that its type requires, which is reported already. */
  link(
    this: EntryReader<LinkConfig>,
    options: LinkDefaults,
    bridges: ReadonlyMap<string, BridgeSpec>,
    shared: Shared,
  ): LinkSpec | null {
    const entry = this.#entry;
    const link = entry.value;
    const { type = DEFAULT_LINK_TYPE } = link;
    const part = partOf(type, link);
    if (part === null) {
      this.texts();
      return null;
    }
    const { isPaired, defaultMtu } = linkKind(type);
    const isOnExternal = bridges.get(bridgeOf(part) ?? '')?.isExternal === true;
    const txChecksumOff = isPaired && !options.keepVethOffload;
    const spec: LinkSpec = {
      selector: shared.selector(link),
      dev: shared.word(link.dev ?? DEFAULT_DEV),
      mac: link.mac === undefined ? null : text(parseMac(link.mac)),
      addresses: link.ip === undefined ? NONE : listOf(link.ip).map((address) => text(parsePrefix(address))),
      // On a bridge of others it is the bridge's, which larger frames would not pass.
      mtuBytes:
        link.mtu ?? (defaultMtu === 'lab' && !isOnExternal ? (options.defaultMtuBytes ?? DEFAULT_MTU_BYTES) : null),
      routes: this.#routes(),
      state: link.state === 'down' ? 'down' : 'up',
      queues: link.queues ?? 1,
      numbers: numbersOf(link),
      nat: link.nat === undefined ? null : text(parseAddress(link.nat)),
      forwards: link.forward === undefined ? NONE : listOf(link.forward).map(forwardOf),
      netem: this.netem(),
      netemText: listOf(link.netem),
      ethtool: this.#ethtool(txChecksumOff ? TX_OFF : NONE),
      txChecksumOff,
      where: placeOf(entry),
      // Last: what is spread first makes each key after it dear to add.
      ...(link.mac === undefined ? {} : { macText: link.mac }),
      ...risesAndFalls(link),
      ...part,
    };
    this.#refuse([...natFaults(spec), ...forwardFaults(spec, bridges.get(bridgeOf(part) ?? ''), options)]);
    return spec;
  }

  tunnel(this: EntryReader<TunnelConfig>, bridges: ReadonlyMap<string, BridgeSpec>): TunnelSpec {
    const entry = this.#entry;
    const { type, bridge, remote: written, vni, netem, impair, ...extra } = entry.value;
    const remote = text(parseAddress(written));
    this.#refuse(tunnelFaults(bridge, bridges.get(bridge), remote));
    return {
      type,
      bridge,
      remote,
      vni,
      netem: this.netem(),
      netemText: listOf(netem),
      netemWritten: netem,
      extra,
      where: placeOf(entry),
    };
  }

  /** Checks the texts of a link for faults, and nothing else. */
  texts(this: EntryReader<LinkConfig>): void {
    this.netem();
    const { route, ethtool } = this.#entry.value;
    for (const [index, written] of textsOf(route)) this.#or(parseRoute(written), 'route', index);
    for (const [index, written] of textsOf(ethtool)) this.#or(parseEthtool(written), 'ethtool', index);
  }

  /** Reads the impairment, from the `netem` texts, which count as one text, or from `impair`. */
  netem(): Netem | null {
    const { netem, impair } = this.#entry.value;
    if (netem !== undefined) {
      // To give both keys is a fault already. Each of the two is still checked.
      if (impair !== undefined) this.#or(netemOfImpair(impair), 'impair');
      const written = textsOf(netem).map(([, part]) => part);
      return this.#or(parseNetem(written.join(' ')), 'netem');
    }
    return impair === undefined ? null : this.#or(netemOfImpair(impair), 'impair');
  }

  #routes(this: EntryReader<LinkConfig>): readonly Route[] {
    const { route } = this.#entry.value;
    if (route === undefined) return NONE;
    const routes = textsOf(route).map(([index, written]) => this.#or(parseRoute(written), 'route', index));
    return routes.filter((parsed) => parsed !== null);
  }

  /** The settings of the entry, after the `first` ones. */
  #ethtool(this: EntryReader<LinkConfig>, first: readonly string[]): readonly string[] {
    const { ethtool } = this.#entry.value;
    if (ethtool === undefined) return first;
    const right = textsOf(ethtool).filter(
      ([index, written]) => this.#or(parseEthtool(written), 'ethtool', index) !== null,
    );
    return [...first, ...right.map(([, written]) => written)];
  }

  #refuse(faults: readonly EntryFault[]): void {
    for (const { code, message, key, hint } of faults) this.#fault(code, message, key, hint);
  }

  /** Returns the result. If it is a fault, records the fault and returns null. */
  #or<R extends object>(result: R | Fault, key: TextKey, index?: number): R | null {
    if (!isFault(result)) return result as R;
    const name = index === undefined || !Array.isArray(this.#entry.value[key as keyof T]) ? key : `${key}[${index}]`;
    for (const { message, hint, at } of [result, ...(result.others ?? [])]) {
      const inner = typeof at === 'number' ? itemOfWord(this.#entry.value[key as keyof T], at) : at;
      this.#fault(`${key}-invalid`, `${name}: ${message}`, key, hint === '' ? undefined : hint, index ?? inner);
    }
    return null;
  }

  #fault(code: DiagnosticCode, message: string, key: string, hint?: string, inner?: string | number): void {
    const where = () => spanOf(this.#entry, key, inner);
    this.#diagnostics.add(code, `${this.#label}: ${message}`, { where, hint });
  }
}

/** The text of a parsed value. The schema has let only these two forms through. */
function text(parsed: { readonly text: string } | string): string {
  return typeof parsed === 'string' ? parsed : parsed.text;
}

function forwardOf(written: string): Forward {
  const [outer, inner, protocol] = written.split(/[:/]/);
  return { outerPort: Number(outer), innerPort: Number(inner), protocol: protocol === 'udp' ? 'udp' : 'tcp' };
}

/** The texts with their positions in the list. In a link with faults the list may have gaps. */
function textsOf(value: string | readonly string[] | undefined): readonly (readonly [index: number, text: string])[] {
  return [...listOf(value).entries()].filter(([, item]) => typeof item === 'string');
}

/** The position of the text that contains a word, where several texts count as one. */
function itemOfWord(texts: unknown, word: number): number | undefined {
  if (!Array.isArray(texts)) return undefined;
  let before = 0;
  return texts.findIndex((text) => {
    if (typeof text === 'string') before += text.split(/\s+/).filter(Boolean).length;
    return word < before;
  });
}

function listOf<T extends string>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return NONE;
  return typeof value === 'string' ? [value] : value;
}

/** When the device of a link is up, beside its state. */
function risesAndFalls(link: LinkConfig): Pick<LinkSpec, 'isLate' | 'fallsWithHost'> {
  return {
    ...(link.state === 'late' && { isLate: true as const }),
    ...(link['on-host-loss'] === 'down' && { fallsWithHost: true as const }),
  };
}
