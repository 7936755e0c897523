/**
 * Fills in variables of the environment as containerlab does: `$NAME`, `${NAME}`, and with a default by `:-` `-` `:=` `=`, or with
 * other text by `:+` `+`. What is not set and has no default stays as it is written.
 */
import type { Lookup } from '../../text/interpolate.ts';

const VARIABLE = /\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-=+])([^{}]*))?\})/g;

export function withEnvironment(text: string, lookup: Lookup): string {
  return text.replaceAll(VARIABLE, (whole, bare?: string, braced?: string, operator = '', operand = '') => {
    const name = bare ?? braced;
    if (name === undefined) return '$';
    const value = lookup(name);
    const isSet = value !== undefined && (value !== '' || !operator.startsWith(':'));
    if (operator.endsWith('+')) return isSet ? operand : '';
    if (isSet) return value;
    return operator === '' ? whole : operand;
  });
}
