/**
 * Rows of a table, or items of a list, each of one thing and always of the same. While the pointer or the keyboard is in
 * them they stay where they are, so that what one clicks is what one reads; a hint says that newer ones wait. Only what a
 * row says of its own thing is renewed. A finger has no place before it taps: without a pointer they wait until they are
 * asked for.
 */
import { steadily } from './steadily';

/** How the rows of one kind of thing look. */
export interface RowKind<T, E> {
  readonly keyOf: (item: T) => string;
  readonly create: (item: T) => E;
  /** Renews what a row says. */
  readonly fill: (row: E, item: T) => void;
}

interface Row<T, E> {
  readonly element: E;
  readonly item: T;
}

const hasPointer = matchMedia('(hover: hover)');

export class KeyedRows<T, E extends HTMLElement = HTMLTableRowElement> {
  readonly #body: HTMLElement;
  /** What scrolls with the rows in it, and may have the focus itself. */
  readonly #place: HTMLElement;
  readonly #kind: RowKind<T, E>;
  readonly #onWaiting: (waits: boolean) => void;
  readonly #rows = new Map<string, Row<T, E>>();
  #waiting: readonly T[] | undefined;

  /** @param onWaiting told whether newer rows wait */
  constructor(body: HTMLElement, kind: RowKind<T, E>, onWaiting: (waits: boolean) => void) {
    this.#body = body;
    this.#place = body.closest<HTMLElement>('.scroll') ?? body;
    this.#kind = kind;
    this.#onWaiting = onWaiting;
    this.#place.addEventListener('pointerleave', () => this.#settle());
    this.#place.addEventListener('focusout', () => setTimeout(() => this.#settle()));
  }

  /** Shows these as soon as the rows may move. */
  offer(items: readonly T[]): void {
    if (!this.#isHeld() || this.#isInPlace(items)) {
      this.show(items);
      return;
    }
    const newest = new Map(items.map((item) => [this.#kind.keyOf(item), item]));
    for (const [key, { element, item }] of this.#rows) {
      const found = newest.get(key);
      element.classList.toggle('gone', found === undefined);
      this.#kind.fill(element, found ?? item);
    }
    this.#waiting = items;
    this.#onWaiting(true);
  }

  /** Shows these at once. They move what is below them, but not from under the pointer. */
  show(items: readonly T[]): void {
    this.#waiting = undefined;
    if (this.#isEntered()) this.#replace(items);
    else steadily(() => this.#replace(items));
    this.#onWaiting(false);
  }

  /** Shows what waits. */
  showWaiting(): void {
    if (this.#waiting !== undefined) this.show(this.#waiting);
  }

  #settle(): void {
    if (!this.#isHeld()) this.showWaiting();
  }

  #replace(items: readonly T[]): void {
    const before = new Map(this.#rows);
    this.#rows.clear();
    for (const item of items) {
      const key = this.#kind.keyOf(item);
      const element = before.get(key)?.element ?? this.#kind.create(item);
      before.delete(key);
      element.classList.remove('gone');
      this.#kind.fill(element, item);
      this.#rows.set(key, { element, item });
    }
    for (const { element } of before.values()) element.remove();
    this.#arrange();
  }

  /** Moves only the rows that are not in their place, so that the focus stays. */
  #arrange(): void {
    let next = this.#body.firstElementChild;
    for (const { element } of this.#rows.values()) {
      if (element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(element, next);
    }
  }

  #isHeld(): boolean {
    if (this.#rows.size === 0) return false;
    if (!hasPointer.matches) return true;
    return this.#isEntered();
  }

  #isEntered(): boolean {
    return this.#place.matches(':hover') || this.#place.contains(document.activeElement);
  }

  #isInPlace(items: readonly T[]): boolean {
    const keys = [...this.#rows.keys()];
    return (
      items.length === keys.length && items.every((item, place) => this.#kind.keyOf(item) === keys[place])
    );
  }
}
