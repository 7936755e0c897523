/** How long leases last. */

/** A lease that is not renewed goes after this. */
export const LEASE_MS = 15_000;
/** How often its holder renews it. */
export const LEASE_RENEW_MS = 5_000;
