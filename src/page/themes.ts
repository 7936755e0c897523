/** Dark or light: as the system has it, until a button says otherwise. */
import { byId } from './dom.ts';

type ThemeName = 'light' | 'dark';

export class Themes {
  #chosen: ThemeName | null = null;
  readonly #system = matchMedia('(prefers-color-scheme: dark)');
  readonly #onTheme: (theme: ThemeName) => void;

  constructor(onTheme: (theme: ThemeName) => void) {
    this.#onTheme = onTheme;
    this.#system.addEventListener('change', () => this.#apply());
    byId('theme', HTMLButtonElement).addEventListener('click', () => {
      this.#chosen = this.#current === 'dark' ? 'light' : 'dark';
      this.#apply();
    });
    this.#apply();
  }

  get #current(): ThemeName {
    return this.#chosen ?? (this.#system.matches ? 'dark' : 'light');
  }

  #apply(): void {
    document.documentElement.dataset['theme'] = this.#current;
    this.#onTheme(this.#current);
  }
}
