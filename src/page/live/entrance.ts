/** The token: from the address's fragment (`#token=…`, which browsers send to nobody), or typed. It is kept for this tab only. */
import { byId, h } from '../dom.ts';

const KEPT = 'linkloom-token';

export class Entrance {
  readonly #field = byId('live', HTMLFieldSetElement);
  readonly #status = h('span', { role: 'status', id: 'health' });
  readonly #input = h('input', { type: 'password', id: 'token', autocomplete: 'off' });
  readonly #form = h(
    'form',
    { hidden: true },
    h('label', {}, h('span', { className: 'aside' }, 'Token'), this.#input),
    h('button', { type: 'submit' }, 'Connect'),
  );

  constructor(onToken: (token: string) => void) {
    this.#field.hidden = false;
    this.#field.append(this.#status, this.#form);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const token = this.#input.value.trim();
      this.#input.value = '';
      this.#form.hidden = true;
      sessionStorage.setItem(KEPT, token);
      onToken(token);
    });
  }

  /** The token that is known; '' for none. One in the address is taken out of it. */
  get token(): string {
    const given = new URLSearchParams(location.hash.slice(1)).get('token');
    if (given === null) return sessionStorage.getItem(KEPT) ?? '';
    history.replaceState(null, '', location.pathname);
    sessionStorage.setItem(KEPT, given);
    return given;
  }

  ask(why: string): void {
    this.tell(why, true);
    this.#form.hidden = false;
    this.#input.focus();
  }

  opened(): void {
    this.#form.hidden = true;
  }

  tell(text: string, isBad: boolean): void {
    this.#status.textContent = text;
    this.#status.className = isBad ? 'failed' : 'up';
  }
}
