/** A participant: joins a room as any client does, shows the list that it receives, and says what goes wrong. */
import { type ConferenceRoom, joinRoom } from '../../../client/index';
import { make, setText } from '../dom';
import { Countdown } from './countdown';
import { credentialsQuery, givenToken } from './credentials';
import { showRoster } from './roster';
import { adviceFor, sentence } from './words';

const LEFT = 1000;
/** No close frame: a page is not told why. */
const ABNORMAL = 1006;
const GOING_AWAY = 1001;

const NO_SOCKET =
  'The host answers, but its WebSocket does not open: a proxy or a firewall on the way may block it.';

export interface Surroundings {
  /** The host's WebSocket address. */
  readonly address: string;
  readonly room: () => string;
  /** Finds out why a WebSocket did not open; undefined if nobody knows. */
  readonly why: () => Promise<string | undefined>;
  /** Hears that a WebSocket has opened. */
  readonly onOpen: () => void;
  readonly note: (text: string) => void;
  /** Hears that the participant is in, on its way, or out. */
  readonly onChange: () => void;
}

type State = '' | 'good' | 'warn' | 'bad';

export class Participant {
  readonly element: HTMLElement;
  readonly #parts: Surroundings;
  readonly #name: HTMLInputElement;
  readonly #action: HTMLElement;
  readonly #message: HTMLElement;
  readonly #again: HTMLElement;
  readonly #countdown: Countdown;
  readonly #roster: HTMLElement;
  readonly #empty: HTMLElement;
  #room: ConferenceRoom | undefined;
  /** Waits for its next attempt, since the host or the way to it was lost. */
  #isLost = false;

  constructor(number: number, name: string, template: HTMLTemplateElement, parts: Surroundings) {
    const form = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    const find = <E extends HTMLElement>(selector: string) => form.querySelector(selector) as E;
    this.#parts = parts;
    this.element = form;
    this.#name = find('input');
    this.#action = find('.action');
    this.#message = find('.message');
    this.#again = find('.again');
    this.#countdown = new Countdown(find('.wait'));
    this.#roster = find('.roster');
    this.#empty = find('.empty');
    this.#name.value = name;
    find('h3').id = `roster-${number}`;
    this.#roster.setAttribute('aria-labelledby', `roster-${number}`);
    form.setAttribute('aria-label', `Participant ${number}`);
    this.#name.addEventListener('input', parts.onChange);
    find('.retry').addEventListener('click', () => this.#retry());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.isIn) this.leave();
      else this.join();
    });
  }

  get name(): string {
    return this.#name.value;
  }

  /** In the room, or on its way there. */
  get isIn(): boolean {
    return this.#room !== undefined;
  }

  join(): void {
    const { note, onChange } = this.#parts;
    const address = `${this.#parts.address}${credentialsQuery(false)}`;
    const token = givenToken();
    const room = joinRoom(address, {
      room: this.#parts.room(),
      streamName: this.name,
      ...(token !== '' && { token }),
    });
    const { streamName } = room;
    let hasOpened = false;
    this.#room = room;
    this.#say('', 'Joining…');
    room.addEventListener('open', () => {
      hasOpened = true;
      this.#parts.onOpen();
      this.#say('good', 'In the room.');
    });
    room.addEventListener('roster', ({ streams, joined, left }) => {
      this.#list(streams);
      for (const name of joined) note(`${streamName} hears that ${name} joined`);
      for (const name of left) note(`${streamName} hears that ${name} left`);
    });
    room.addEventListener('reconnecting', ({ code, reason, delay }) => {
      this.#roster.dataset.stale = '';
      this.#explain('warn', code, reason, hasOpened);
      hasOpened = false;
      this.#isLost = code === ABNORMAL || code === GOING_AWAY;
      this.#again.hidden = false;
      this.#countdown.start('Reconnecting', delay);
    });
    room.addEventListener('closed', ({ code, reason }) => {
      if (this.#room !== room) return;
      this.#room = undefined;
      this.#list([]);
      if (code === LEFT) this.#say('', 'Left the room.');
      else this.#explain('bad', code, reason, hasOpened);
      onChange();
    });
    onChange();
  }

  leave(): void {
    this.#room?.leave();
  }

  /** The host is back: does not wait any longer. */
  comeBack(): void {
    if (this.#isLost) this.#startOver();
  }

  /** The button that was pressed goes away, so the other one gets the focus. */
  #retry(): void {
    this.#action.focus();
    this.#startOver();
  }

  #startOver(): void {
    const room = this.#room;
    this.#room = undefined;
    room?.leave();
    this.join();
  }

  /** What a close means and what to do. Where a page cannot know, the host is asked. */
  #explain(state: State, code: number, reason: string, wasIn: boolean): void {
    if (code !== ABNORMAL) {
      this.#say(state, `${sentence(reason)} ${adviceFor(code, reason) ?? ''}`.trim(), code);
      return;
    }
    this.#say(state, wasIn ? 'The connection was lost.' : 'The WebSocket does not open.', code);
    const room = this.#room;
    void this.#parts.why().then((why = wasIn ? undefined : NO_SOCKET) => {
      const isNews = this.#room === room && room?.state !== 'joined';
      if (isNews && why !== undefined) this.#say(state, why, code, false);
    });
  }

  /** @param isNew whether what is said ends what was said before */
  #say(state: State, text: string, code?: number, isNew = true): void {
    this.#message.dataset.state = state;
    if (code === undefined) setText(this.#message, text);
    else this.#message.replaceChildren(`${text} `, make('code', {}, String(code)));
    if (isNew) {
      this.#isLost = false;
      this.#again.hidden = true;
      this.#countdown.stop();
    }
    this.#name.readOnly = this.isIn;
    setText(this.#action, this.isIn ? 'Leave' : 'Join');
    this.#parts.note(`${this.name}: ${this.#message.textContent}`);
  }

  #list(streams: readonly string[]): void {
    delete this.#roster.dataset.stale;
    showRoster(this.#roster, streams, this.name);
    this.#empty.hidden = streams.length > 0;
  }
}
