/** Counts down in an element. Screen readers are told once, by the text beside it: each second would be too often. */
import { setText } from '../dom';

const SECOND = 1_000;

export class Countdown {
  readonly #element: HTMLElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
    element.setAttribute('aria-hidden', 'true');
  }

  /** @param what stands before the time: `Next attempt` */
  start(what: string, milliseconds: number): void {
    this.#count(what, performance.now() + milliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
    setText(this.#element, '');
  }

  /** Just when a second is over: so it says `now` as soon as the attempt begins. */
  #count(what: string, end: number): void {
    clearTimeout(this.#timer);
    const left = end - performance.now();
    setText(this.#element, left > 0 ? `${what} in ${Math.ceil(left / SECOND)} s.` : `${what} now…`);
    if (left <= 0) return;
    this.#timer = setTimeout(() => this.#count(what, end), left % SECOND || SECOND);
  }
}
