/** Reads the values of `--image`. */
import type { ImageChoice } from '../../config/import/options.ts';

/** `GLOB=IMAGE` as a pattern and an image. The option's own check has seen that both are there. */
export function imageChoices(values: readonly string[]): readonly ImageChoice[] {
  return values.map((choice) => {
    const at = choice.indexOf('=');
    return { pattern: choice.slice(0, at), image: choice.slice(at + 1) };
  });
}
