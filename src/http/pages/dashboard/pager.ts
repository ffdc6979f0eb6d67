/** What stands below a table: which part of it is shown, and the way to the others. */
import { byId, setText } from '../dom';
import { count, plural } from '../format';

/** Milliseconds between a key press and the search. */
const TYPING = 200;

export class Pager {
  readonly #size: number;
  readonly #thing: string;
  readonly #found: HTMLElement;
  readonly #hint: HTMLElement;
  /** For fingers only: with a pointer, newer rows come as soon as it leaves. */
  readonly #show: HTMLButtonElement;
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  readonly #onTurn: () => Promise<void>;
  #offset = 0;

  /**
   * @param id of its elements: `…-found`, `…-hint`, `…-show`, `…-previous`, `…-next`
   * @param thing what it counts
   * @param onTurn shows another part
   */
  constructor(id: string, size: number, thing: string, onTurn: () => Promise<void>) {
    this.#size = size;
    this.#thing = thing;
    this.#onTurn = onTurn;
    this.#found = byId(`${id}-found`, HTMLElement);
    this.#hint = byId(`${id}-hint`, HTMLElement);
    this.#show = byId(`${id}-show`, HTMLButtonElement);
    this.#previous = byId(`${id}-previous`, HTMLButtonElement);
    this.#next = byId(`${id}-next`, HTMLButtonElement);
    this.#previous.addEventListener('click', () => this.turnTo(this.#offset - size));
    this.#next.addEventListener('click', () => this.turnTo(this.#offset + size));
  }

  get offset(): number {
    return this.#offset;
  }

  turnTo(offset: number): void {
    this.#offset = Math.max(0, offset);
    this.#onTurn().catch(leaveToLive);
  }

  /** Starts at the beginning, without showing it. */
  reset(): void {
    this.#offset = 0;
  }

  /** @param shown how many of them are shown */
  show(total: number, shown: number): void {
    if (shown === 0 && this.#offset > 0) {
      this.turnTo(0);
      return;
    }
    const range = total > this.#size ? `${count(this.#offset + 1)}–${count(this.#offset + shown)} of ` : '';
    setText(this.#found, total === 0 ? '' : `${range}${plural(total, this.#thing)}`);
    this.#previous.disabled = this.#offset === 0;
    this.#next.disabled = this.#offset + shown >= total;
    this.#previous.hidden = this.#next.hidden = total <= this.#size;
  }

  /** Says whether newer rows wait. */
  hint(waits: boolean): void {
    setText(this.#hint, waits ? 'Newer figures wait' : '');
    this.#show.hidden = !waits;
  }

  /** @param show shows the rows that wait */
  onShow(show: () => void): void {
    this.#show.addEventListener('click', show);
  }
}

/** Calls once a search is typed. */
export function whenTyped(field: HTMLInputElement, search: () => void): void {
  let typing: ReturnType<typeof setTimeout> | undefined;
  field.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(search, TYPING);
  });
}

/** What the host does not answer, the live connection notices too, and says so. */
export function leaveToLive(): void {}
