/** A choice of how long an order counts. */
import { make } from '../dom';

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** In seconds. */
const CHOICES: readonly (readonly [seconds: number, words: string])[] = [
  [600, '10 minutes'],
  [HOUR, '1 hour'],
  [2 * HOUR, '2 hours'],
  [8 * HOUR, '8 hours'],
  [DAY, '1 day'],
  [7 * DAY, '7 days'],
  [30 * DAY, '30 days'],
];

export class HowLong {
  readonly #field: HTMLSelectElement;

  /** @param usual seconds that are chosen at first */
  constructor(field: HTMLSelectElement, usual: number) {
    this.#field = field;
    field.append(...CHOICES.map(([seconds, words]) => make('option', { value: String(seconds) }, words)));
    field.value = String(usual);
  }

  get seconds(): number {
    return Number(this.#field.value);
  }

  get words(): string {
    return this.#field.selectedOptions[0]?.text ?? '';
  }
}
