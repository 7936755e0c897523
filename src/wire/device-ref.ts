/**
 * How an op finds the device that it is about, beside the device's name.
 *
 * A number or a word and no object, since ops are sent to other threads by the hundred thousand: objects in their place made the
 * sending of a link's ops an eighth dearer.
 */

/** The index of a device that was seen; `made`: this plan makes the device, so that its index is not known yet, and it is found by its name. */
export type DeviceRef = number | typeof MADE;

export const MADE = 'made';

export function isMade(device: DeviceRef): device is typeof MADE {
  return device === MADE;
}
