/** Numbers of traffic control, named as in the kernel's uapi headers (linux/rtnetlink.h, pkt_sched.h, pkt_cls.h, tc_act/tc_mirred.h). */

export const RTM_NEWQDISC = 36;
export const RTM_DELQDISC = 37;
export const RTM_GETQDISC = 38;
export const RTM_NEWTFILTER = 44;
export const RTM_DELTFILTER = 45;
export const RTM_GETTFILTER = 46;

/** Attributes of struct tcmsg. */
export const TCA_KIND = 1;
export const TCA_OPTIONS = 2;

/** Size of struct tcmsg. */
export const TCMSG_BYTES = 20;

export const TC_H_ROOT = 0xffffffff;
export const TC_H_INGRESS = 0xfffffff1;
/** The handle of an ingress qdisc, `ffff:`. */
export const INGRESS_HANDLE = 0xffff0000;

export const TCA_NETEM_CORR = 1;
export const TCA_NETEM_DELAY_DIST = 2;
export const TCA_NETEM_REORDER = 3;
export const TCA_NETEM_CORRUPT = 4;
export const TCA_NETEM_LOSS = 5;
export const TCA_NETEM_RATE = 6;
export const TCA_NETEM_ECN = 7;
export const TCA_NETEM_RATE64 = 8;
export const TCA_NETEM_LATENCY64 = 10;
export const TCA_NETEM_JITTER64 = 11;
export const TCA_NETEM_SLOT = 12;
export const TCA_NETEM_SLOT_DIST = 13;
/** Since Linux 6.6; older kernels ignore it. */
export const TCA_NETEM_PRNG_SEED = 14;

/** Nested in TCA_NETEM_LOSS: the four-state model and the Gilbert-Elliott one. */
export const NETEM_LOSS_GI = 1;
export const NETEM_LOSS_GE = 2;

export const TCA_TBF_PARMS = 1;
export const TCA_TBF_RATE64 = 4;
export const TCA_TBF_BURST = 6;
/** linux/pkt_sched.h: the rate is that of Ethernet frames, and the message has no rate table. */
export const TC_LINKLAYER_ETHERNET = 1;

/** linux/pkt_sched.h: one standard deviation in the table of a distribution. */
export const NETEM_DIST_SCALE = 8192;

export const TCA_U32_SEL = 5;
export const TCA_U32_ACT = 7;
export const TC_U32_TERMINAL = 1;
export const TCA_MATCHALL_ACT = 2;

/** linux/pkt_cls.h: attributes of a filter that is a program. */
export const TCA_BPF_FD = 6;
export const TCA_BPF_NAME = 7;
export const TCA_BPF_FLAGS = 8;
export const TCA_BPF_ID = 11;
/** The program's result is what becomes of the packet. */
export const TCA_BPF_FLAG_ACT_DIRECT = 1;

/** linux/pkt_cls.h: attributes of an action. */
export const TCA_ACT_KIND = 1;
export const TCA_ACT_OPTIONS = 2;
export const TCA_MIRRED_PARMS = 2;
export const TCA_EGRESS_REDIR = 1;
export const TC_ACT_SHOT = 2;
export const TC_ACT_STOLEN = 4;
export const TC_ACT_REDIRECT = 7;

/** linux/if_ether.h: every protocol. */
export const ETH_P_ALL = 0x0003;
