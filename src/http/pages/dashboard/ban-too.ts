/** The part of a removal that makes it last: a ban of the name from the room. */
import { byId, setText } from '../dom';
import { HowLong } from './how-long';

/** Seconds. */
const USUAL = 3_600;

const part = byId('removal-also', HTMLFieldSetElement);
const box = byId('removal-ban', HTMLInputElement);

export interface NamedStream {
  readonly room: string;
  readonly streamName: string;
}

/** A ban that an operator wants. */
export interface BanWish extends NamedStream {
  readonly seconds: number;
  readonly words: string;
}

export class BanToo {
  readonly #howLong = new HowLong(byId('removal-for', HTMLSelectElement), USUAL);
  #stream: NamedStream | undefined;

  /** @param onChange called when a ban is wanted, or is not any more */
  constructor(onChange: () => void) {
    box.addEventListener('change', onChange);
  }

  /** @param stream undefined: there is no name to ban */
  offer(stream: NamedStream | undefined): void {
    this.#stream = stream;
    box.checked = false;
    part.hidden = stream === undefined;
    setText(byId('removal-name', HTMLElement), stream?.streamName ?? '');
    setText(byId('removal-room', HTMLElement), stream?.room ?? '');
    this.hold(false);
  }

  /** Whether it can be changed now. */
  hold(isHeld: boolean): void {
    part.disabled = isHeld;
  }

  /** Undefined where none is wanted. */
  get wish(): BanWish | undefined {
    if (this.#stream === undefined || !box.checked) return undefined;
    return { ...this.#stream, seconds: this.#howLong.seconds, words: this.#howLong.words };
  }
}
