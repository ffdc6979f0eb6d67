/** Counts down in an element. Screen readers are told once, by the text beside it: each second would be too often. */
import { setText } from '../dom';

/** Milliseconds between two looks at the clock. */
const TICK = 250;

export class Countdown {
  readonly #element: HTMLElement;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
    element.setAttribute('aria-hidden', 'true');
  }

  /** @param what stands before the time: `Next attempt` */
  start(what: string, milliseconds: number): void {
    this.stop();
    const end = performance.now() + milliseconds;
    const show = () => {
      const seconds = Math.ceil((end - performance.now()) / 1000);
      setText(this.#element, seconds > 0 ? `${what} in ${seconds} s.` : `${what} now…`);
      if (seconds <= 0) this.#halt();
    };
    show();
    this.#timer = setInterval(show, TICK);
  }

  stop(): void {
    this.#halt();
    setText(this.#element, '');
  }

  #halt(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
