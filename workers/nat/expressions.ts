/** Writes what a rule of nftables does as expressions (linux/netfilter/nf_tables.h). */
import { addressBytes } from '../../src/net/address.ts';
import type { ForwardTranslation, NatTranslation, Translation } from '../../src/wire/ops/extras.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { be32, NFPROTO } from './messages.ts';

/** enum nft_list_attributes, nft_expr_attributes, nft_data_attributes. */
const LIST_ELEM = 1;
const EXPR = { name: 1, data: 2 } as const;
const DATA_VALUE = 1;
/** Attributes of the expressions, each an enum of its own. */
const META_ATTR = { dreg: 1, key: 2 } as const;
const CT_ATTR = { dreg: 1, key: 2 } as const;
const BITWISE_ATTR = { sreg: 1, dreg: 2, length: 3, mask: 4, xor: 5 } as const;
const CMP_ATTR = { sreg: 1, op: 2, data: 3 } as const;
const PAYLOAD_ATTR = { dreg: 1, base: 2, offset: 3, length: 4 } as const;
const IMMEDIATE_ATTR = { dreg: 1, data: 2 } as const;
const NAT_ATTR = { type: 1, family: 2, addressRegister: 3, portRegister: 5 } as const;

/** NFT_REG_1 and NFT_REG_2: 16 bytes each. */
const REGISTER = { first: 1, second: 2 } as const;
/** enum nft_meta_keys, nft_ct_keys, nft_cmp_ops, nft_payload_bases, nft_nat_types. */
const META = { iifname: 6, oifname: 7, nfproto: 15, l4proto: 16 } as const;
const CT_STATUS = 2;
const CMP = { equal: 0, different: 1 } as const;
const PAYLOAD = { network: 1, transport: 2 } as const;
const NAT = { snat: 0, dnat: 1 } as const;

/** linux/netfilter/nf_conntrack_common.h: the connection's destination was translated. */
const IPS_DST_NAT = 0x20;
const IPPROTO = { tcp: 6, udp: 17 } as const;
const IFNAMSIZ = 16;
/** Offsets of the destination address in an IPv4 header, and of the destination port in TCP and UDP headers. */
const DESTINATION_ADDRESS = { base: PAYLOAD.network, offset: 16, length: 4 } as const;
const DESTINATION_PORT = { base: PAYLOAD.transport, offset: 2, length: 2 } as const;

/** Writes the prerouting rule of a translation, which changes the destination of packets. */
export function writeArrival(batch: MessageBatch, translation: Translation): void {
  switch (translation.kind) {
    case 'nat':
      return exchange(batch, translation, 'dnat');
    case 'forward':
      return publish(batch, translation);
    default:
      throw new TypeError(`no rule for ${(translation satisfies never as Translation).kind}`);
  }
}

/** Writes the postrouting rule of a translation, which changes the source of packets. */
export function writeDeparture(batch: MessageBatch, translation: Translation): void {
  switch (translation.kind) {
    case 'nat':
      return exchange(batch, translation, 'snat');
    case 'forward':
      return masquerade(batch, translation);
    default:
      throw new TypeError(`no rule for ${(translation satisfies never as Translation).kind}`);
  }
}

function exchange(batch: MessageBatch, { dev, to, from }: NatTranslation, type: keyof typeof NAT): void {
  const family = to.includes(':') ? 6 : 4;
  ifMeta(batch, META.nfproto, Uint8Array.of(NFPROTO[family]));
  ifMeta(batch, type === 'dnat' ? META.iifname : META.oifname, deviceName(dev));
  load(batch, REGISTER.first, addressBytes(type === 'dnat' ? to : from));
  nat(batch, type, family, false);
}

function publish(batch: MessageBatch, forward: ForwardTranslation): void {
  ifMeta(batch, META.nfproto, Uint8Array.of(NFPROTO[4]));
  ifMeta(batch, META.iifname, deviceName(forward.uplink));
  ifPort(batch, forward.protocol, forward.outerPort);
  load(batch, REGISTER.first, addressBytes(forward.to));
  load(batch, REGISTER.second, be16(forward.innerPort));
  nat(batch, 'dnat', 4, true);
}

/** Masquerades only connections whose destination this forwarding translated. All others keep their source address. */
function masquerade(batch: MessageBatch, forward: ForwardTranslation): void {
  ifMeta(batch, META.nfproto, Uint8Array.of(NFPROTO[4]));
  ifMeta(batch, META.oifname, deviceName(forward.bridge));
  ifForwarded(batch);
  ifPayload(batch, DESTINATION_ADDRESS, addressBytes(forward.to));
  ifPort(batch, forward.protocol, forward.innerPort);
  expression(batch, 'masq', () => {});
}

function ifPort(batch: MessageBatch, protocol: keyof typeof IPPROTO, port: number): void {
  ifMeta(batch, META.l4proto, Uint8Array.of(IPPROTO[protocol]));
  ifPayload(batch, DESTINATION_PORT, be16(port));
}

function ifMeta(batch: MessageBatch, key: number, value: Uint8Array): void {
  expression(batch, 'meta', () => {
    batch.attrBytes(META_ATTR.dreg, be32(REGISTER.first));
    batch.attrBytes(META_ATTR.key, be32(key));
  });
  compare(batch, CMP.equal, value);
}

function ifForwarded(batch: MessageBatch): void {
  expression(batch, 'ct', () => {
    batch.attrBytes(CT_ATTR.dreg, be32(REGISTER.first));
    batch.attrBytes(CT_ATTR.key, be32(CT_STATUS));
  });
  expression(batch, 'bitwise', () => {
    batch.attrBytes(BITWISE_ATTR.sreg, be32(REGISTER.first));
    batch.attrBytes(BITWISE_ATTR.dreg, be32(REGISTER.first));
    batch.attrBytes(BITWISE_ATTR.length, be32(4));
    value(batch, BITWISE_ATTR.mask, hostOrder32(IPS_DST_NAT));
    value(batch, BITWISE_ATTR.xor, hostOrder32(0));
  });
  compare(batch, CMP.different, hostOrder32(0));
}

function ifPayload(
  batch: MessageBatch,
  { base, offset, length }: { readonly base: number; readonly offset: number; readonly length: number },
  bytes: Uint8Array,
): void {
  expression(batch, 'payload', () => {
    batch.attrBytes(PAYLOAD_ATTR.dreg, be32(REGISTER.first));
    batch.attrBytes(PAYLOAD_ATTR.base, be32(base));
    batch.attrBytes(PAYLOAD_ATTR.offset, be32(offset));
    batch.attrBytes(PAYLOAD_ATTR.length, be32(length));
  });
  compare(batch, CMP.equal, bytes);
}

/** Compares the first register with `bytes`. If the comparison fails, the rule does not match. */
function compare(batch: MessageBatch, op: number, bytes: Uint8Array): void {
  expression(batch, 'cmp', () => {
    batch.attrBytes(CMP_ATTR.sreg, be32(REGISTER.first));
    batch.attrBytes(CMP_ATTR.op, be32(op));
    value(batch, CMP_ATTR.data, bytes);
  });
}

function load(batch: MessageBatch, register: number, bytes: Uint8Array): void {
  expression(batch, 'immediate', () => {
    batch.attrBytes(IMMEDIATE_ATTR.dreg, be32(register));
    value(batch, IMMEDIATE_ATTR.data, bytes);
  });
}

function nat(batch: MessageBatch, type: keyof typeof NAT, family: 4 | 6, withPort: boolean): void {
  expression(batch, 'nat', () => {
    batch.attrBytes(NAT_ATTR.type, be32(NAT[type]));
    batch.attrBytes(NAT_ATTR.family, be32(NFPROTO[family]));
    batch.attrBytes(NAT_ATTR.addressRegister, be32(REGISTER.first));
    if (withPort) batch.attrBytes(NAT_ATTR.portRegister, be32(REGISTER.second));
  });
}

function expression(batch: MessageBatch, name: string, attributes: () => void): void {
  const element = batch.nest(LIST_ELEM);
  batch.attrText(EXPR.name, name);
  const data = batch.nest(EXPR.data);
  attributes();
  batch.nestEnd(data);
  batch.nestEnd(element);
}

function value(batch: MessageBatch, type: number, bytes: Uint8Array): void {
  const nested = batch.nest(type);
  batch.attrBytes(DATA_VALUE, bytes);
  batch.nestEnd(nested);
}

/** The name padded with NUL to its full size, so that a longer name with the same beginning does not match. */
function deviceName(dev: string): Uint8Array {
  const bytes = Buffer.alloc(IFNAMSIZ);
  bytes.write(dev);
  return bytes;
}

function be16(number: number): Uint8Array {
  return Uint8Array.of(number >>> 8, number & 0xff);
}

/** A number in host byte order, as the kernel keeps the state of a connection. */
function hostOrder32(number: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}
