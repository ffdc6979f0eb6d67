/** A value to put into a client: to copy, and as a code to scan. */
import { button, make, setText } from '../dom';
import { codeFor } from './code';
import { copy } from './copy';

export class Value {
  readonly element: HTMLElement;
  readonly #text: HTMLElement;
  readonly #code: HTMLElement;
  readonly #toggle: HTMLButtonElement;

  constructor(id: string, title: string, where: string) {
    this.#text = make('code', { id: `value-${id}` });
    this.#code = make('dd', { class: 'scan', id: `code-${id}`, hidden: '' });
    const label = make('span', {}, 'Copy');
    const copying = button('', 'compact', () => void copy(this.#text, label));
    const of = () => make('span', { class: 'visually-hidden' }, ` of: ${title}`);
    copying.append(label, of());
    this.#toggle = button('Code', 'compact', () => this.#show(this.#code.hidden !== false));
    this.#toggle.append(of());
    this.#toggle.setAttribute('aria-expanded', 'false');
    this.#toggle.setAttribute('aria-controls', this.#code.id);
    this.element = make(
      'div',
      {},
      make('dt', {}, `${title} `, make('span', { class: 'muted' }, where)),
      make('dd', { class: 'value' }, this.#text, copying, this.#toggle),
      this.#code,
    );
  }

  show(text: string): void {
    if (this.#text.textContent === text) return;
    setText(this.#text, text);
    if (!this.#code.hidden) this.#draw();
  }

  #show(isShown: boolean): void {
    this.#code.hidden = !isShown;
    this.#toggle.setAttribute('aria-expanded', String(isShown));
    if (isShown) this.#draw();
  }

  #draw(): void {
    this.#code.replaceChildren(codeFor(this.#text.textContent ?? ''));
  }
}
