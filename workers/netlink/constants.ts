/**
 * `netlink/` writes and reads messages of AF_NETLINK as bytes, and has the socket that carries them. It knows no kernel object.
 *
 * This file: numbers from the kernel's uapi headers, under their names there, so that they can be looked up.
 */

/** sys/socket.h, asm-generic/socket.h. */
export const AF_INET = 2;
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SO_RCVTIMEO = 20;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_RCVBUF = 8;

/** linux/netlink.h: protocols and socket options. */
export const NETLINK_ROUTE = 0;
export const SOL_NETLINK = 270;
export const NETLINK_LISTEN_ALL_NSID = 8;
export const NETLINK_CAP_ACK = 10;
export const NETLINK_EXT_ACK = 11;
export const NETLINK_GET_STRICT_CHK = 12;

/** linux/netlink.h: message types and flags. */
export const NLMSG_HDRLEN = 16;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLM_F_REQUEST = 0x01;
export const NLM_F_MULTI = 0x02;
export const NLM_F_ACK = 0x04;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_APPEND = 0x800;
export const NLM_F_CREATE = 0x400;
/** On acknowledgements: the original message's payload was left out; attributes follow. */
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;

/** linux/netlink.h: attributes. */
export const NLA_HDRLEN = 4;
export const NLA_F_NESTED = 0x8000;
export const NLA_TYPE_MASK = 0x3fff;
export const NLMSGERR_ATTR_MSG = 1;
export const NLMSGERR_ATTR_OFFS = 2;

/** linux/rtnetlink.h: message types. */
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;
export const RTM_NEWNEIGH = 28;
export const RTM_DELNEIGH = 29;
export const RTM_GETNEIGH = 30;
export const RTM_NEWNSID = 88;
export const RTM_GETNSID = 90;
export const RTM_NEWTUNNEL = 120;
export const RTM_DELTUNNEL = 121;
export const RTM_GETTUNNEL = 122;

/** linux/if.h. */
export const IFF_UP = 1;

/** linux/if_link.h. */
export const IFLA_ADDRESS = 1;
export const IFLA_IFNAME = 3;
export const IFLA_MTU = 4;
export const IFLA_LINK = 5;
export const IFLA_QDISC = 6;
export const IFLA_MASTER = 10;
export const IFLA_OPERSTATE = 16;
export const IFLA_LINKINFO = 18;
export const IFLA_IFALIAS = 20;
export const IFLA_STATS64 = 23;
export const IFLA_AF_SPEC = 26;
export const IFLA_GROUP = 27;
export const IFLA_NET_NS_FD = 28;
export const IFLA_EXT_MASK = 29;
export const IFLA_NUM_TX_QUEUES = 31;
export const IFLA_NUM_RX_QUEUES = 32;
export const IFLA_LINK_NETNSID = 37;
export const IFLA_TARGET_NETNSID = 46;
export const IFLA_INFO_KIND = 1;
export const IFLA_INFO_DATA = 2;
export const IFLA_INET6_ADDR_GEN_MODE = 8;
/** enum in6_addr_gen_mode. */
export const IN6_ADDR_GEN_MODE_NONE = 1;
/** Index of `lo`, the same in every namespace (net/core/dev.c). */
export const LOOPBACK_INDEX = 1;
export const IFLA_BR_MCAST_SNOOPING = 23;
export const IFLA_BR_VLAN_DEFAULT_PVID = 39;
export const IFLA_VLAN_ID = 1;
export const IFLA_MACVLAN_MODE = 1;
export const IFLA_IPVLAN_MODE = 1;
export const IFLA_VXLAN_ID = 1;
export const IFLA_VXLAN_GROUP = 2;
export const IFLA_VXLAN_LOCAL = 4;
export const IFLA_VXLAN_LEARNING = 7;
export const IFLA_VXLAN_PORT = 15;
export const IFLA_VXLAN_GROUP6 = 16;
export const IFLA_VXLAN_LOCAL6 = 17;
export const IFLA_VXLAN_COLLECT_METADATA = 25;
export const IFLA_VXLAN_VNIFILTER = 30;
export const VXLAN_VNIFILTER_ENTRY = 1;
export const VXLAN_VNIFILTER_ENTRY_START = 1;
export const VXLAN_VNIFILTER_ENTRY_END = 2;
export const IFLA_GENEVE_ID = 1;
export const IFLA_GENEVE_REMOTE = 2;
export const IFLA_GENEVE_PORT = 5;
export const IFLA_GENEVE_REMOTE6 = 7;
/** linux/if_tunnel.h: attributes of gretap and ip6gretap. */
export const IFLA_GRE_IFLAGS = 2;
export const IFLA_GRE_OFLAGS = 3;
export const IFLA_GRE_IKEY = 4;
export const IFLA_GRE_OKEY = 5;
export const IFLA_GRE_LOCAL = 6;
export const IFLA_GRE_REMOTE = 7;
export const IFLA_GRE_TTL = 8;
export const IFLA_GRE_FLAGS = 13;
/** linux/if_tunnel.h: the packets have a key. */
export const GRE_KEY = 0x2000;
/** linux/ip6_tunnel.h: packets have no tunnel encapsulation limit (RFC 2473), whose header many networks drop. */
export const IP6_TNL_F_IGN_ENCAP_LIMIT = 1;
/** linux/veth.h. */
export const VETH_INFO_PEER = 1;
/** linux/rtnetlink.h: what a dump leaves out. */
export const RTEXT_FILTER_SKIP_STATS = 1 << 3;

/** linux/if_addr.h. `IFA_PROTO` exists since Linux 5.18; older kernels ignore it. */
export const IFA_ADDRESS = 1;
export const IFA_LOCAL = 2;
export const IFA_PROTO = 11;
export const IFA_F_NODAD = 0x02;
export const IFA_F_TEMPORARY = 0x01;
/** Values of `IFA_PROTO` for the kernel's own addresses: on `lo`, from router advertisements, link-local. */
export const IFAPROT_KERNEL_LL = 3;

/** linux/rtnetlink.h: routes. */
export const RTA_DST = 1;
export const RTA_OIF = 4;
export const RTA_GATEWAY = 5;
export const RTA_PRIORITY = 6;
export const RTA_PREFSRC = 7;
export const RTA_METRICS = 8;
export const RTA_TABLE = 15;
export const RTA_VIA = 18;
export const RTA_MULTIPATH = 9;
export const RTAX_MTU = 2;
export const RTAX_ADVMSS = 8;
export const RTNH_F_ONLINK = 4;
/** Size of struct rtnexthop. */
export const RTNEXTHOP_BYTES = 8;
/** Values of `rtm_protocol` for routes that the kernel makes by itself. */
export const RTPROT_REDIRECT = 1;
export const RTPROT_KERNEL = 2;
export const RTPROT_RA = 9;
export const RTM_F_CLONED = 0x200;
/** The number of the table does not fit into the header: `RTA_TABLE` has it. */
export const RT_TABLE_UNSPEC = 0;
export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;

/** linux/net_namespace.h. */
export const NETNSA_NSID = 1;
export const NETNSA_FD = 3;

/** linux/rtnetlink.h: multicast groups, as bits of `nl_groups`. */
export const RTMGRP_LINK = 0x1;
export const RTMGRP_TC = 0x8;
export const RTMGRP_IPV4_IFADDR = 0x10;
export const RTMGRP_IPV4_ROUTE = 0x40;
export const RTMGRP_IPV6_IFADDR = 0x100;
export const RTMGRP_IPV6_ROUTE = 0x400;

// linux/neighbour.h
export const NDA_DST = 1;
export const NDA_LLADDR = 2;
export const NTF_SELF = 0x02;
export const NUD_PERMANENT = 0x80;
