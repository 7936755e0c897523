/** What is asked for: parameters, and bodies of requests. */
import * as v from 'valibot';
import { LINK_WORD } from '../../lab/links/words.ts';
import { says } from './documents.ts';

/** At most this much is waited, as by `--wait`: a day. */
const WAIT_MAX_S = 86_400;

export const LinkPattern = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(512),
  v.regex(LINK_WORD, 'It must be NODE:DEV, a glob of it, or bridge/NAME.'),
);

export const LinkId = v.strictObject({
  id: says(v.pipe(v.string(), v.minLength(1), v.maxLength(512)), 'NODE:DEV'),
});

export const EventsQuery = v.strictObject({
  after: v.optional(
    says(v.pipe(v.string(), v.regex(/^[0-9]{1,16}$/)), 'the id of the last event that is known; 0: all that are kept'),
  ),
});

export const LastEventId = v.looseObject({
  'last-event-id': v.optional(
    says(v.pipe(v.string(), v.regex(/^[0-9]{1,16}$/)), 'the same; a reader that comes back sends it'),
  ),
});

export const ReconcileBody = v.strictObject({
  rerunCommands: v.optional(says(v.boolean(), 'run the commands of all nodes again'), false),
  prune: v.optional(says(v.boolean(), 'remove also what other files made of the lab'), false),
  reset: v.optional(says(v.boolean(), 'take back what was set by hand'), false),
});

/** Nothing. A key that somebody took for an option must not end a lab. */
export const DownBody = v.strictObject({});

export const DaemonsFiles = v.optional(
  says(
    v.strictObject({
      names: says(v.array(v.string()), 'as they were given'),
      set: says(v.string(), 'hash of their real paths'),
      digest: says(v.string(), 'hash of what they say'),
    }),
    'refuse if the daemon follows other files than these, or reads them otherwise',
  ),
);

export const UpBody = v.strictObject({
  ...ReconcileBody.entries,
  files: DaemonsFiles,
  waitS: v.optional(
    says(v.pipe(v.number(), v.minValue(0), v.maxValue(WAIT_MAX_S)), 'seconds for nodes that do not run yet'),
    0,
  ),
});

/** As `--grace`: a day. */
const GRACE_MAX_S = 86_400;

export const RestartBody = v.pipe(
  v.strictObject({
    names: v.optional(
      says(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(512))), 'names of nodes, and globs'),
      [],
    ),
    all: v.optional(says(v.boolean(), 'all nodes of the lab'), false),
    graceS: v.optional(
      says(
        v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(GRACE_MAX_S)),
        'seconds that a container may take to end by itself',
      ),
      10,
    ),
    files: DaemonsFiles,
  }),
  v.check(({ names, all }) => all || names.length > 0, 'no node is named'),
);

/** A proof takes a fraction of a second, seconds where something is amiss, and longer with impairments. */
const VERIFY_S = { default: 10, most: 600 } as const;

export const VerifyBody = v.strictObject({
  links: v.optional(says(v.array(LinkPattern), 'NODE:DEV, globs of it, bridge/NAME; all if left out'), []),
  timeoutS: v.optional(
    says(v.pipe(v.number(), v.minValue(1), v.maxValue(VERIFY_S.most)), 'seconds to probe at most'),
    VERIFY_S.default,
  ),
});

export type VerifyAsked = v.InferOutput<typeof VerifyBody>;
export type RestartAsked = v.InferOutput<typeof RestartBody>;
export type UpAsked = v.InferOutput<typeof UpBody>;
