/**
 * `page/` runs in a browser: it shows a drawing, and a lab as it runs. It has no Node.js and imports only `picture/`. The bundler
 * makes one file of it (`lib/page/index.html`), which loads nothing from elsewhere.
 *
 * This file: elements. Text from outside goes in as text only, never as markup.
 */

type Child = Node | string;

/** A new element. `props` are its properties; those that begin with `aria-` or `data-`, and `role`, are attributes. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Readonly<Record<string, unknown>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (/^(aria-|data-|role$)/.test(name)) element.setAttribute(name, String(value));
    else Object.assign(element, { [name]: value });
  }
  element.append(...children);
  return element;
}

/** The element of an id, which the page is known to have. */
export function byId<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new Error(`the page has no ${id}`);
}
