/**
 * How an op identifies its device, besides the device's name.
 *
 * A reference is a number or a string, not an object. Ops are sent to other threads by the hundred thousand, and
 * objects made sending a link's ops an eighth more expensive.
 */

/**
 * The index of an observed device. `made`: the plan makes the device, so its index is not known yet and it is found by
 * name.
 */
export type DeviceRef = number | typeof MADE;

export const MADE = 'made';

export function isMade(device: DeviceRef): device is typeof MADE {
  return device === MADE;
}
