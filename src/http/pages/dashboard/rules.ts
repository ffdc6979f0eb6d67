/** The rules of a room: shown to all who look, and set by an operator. */
import type { RoomPolicy } from '../../shapes';
import { byId, setText } from '../dom';
import { count } from '../format';
import { type Api, ApiProblem, inWords } from './api';
import { heldInWords, named, untilInWords } from './held';
import { HowLong } from './how-long';
import { steadily } from './steadily';

/** Seconds. */
const USUAL = 7_200;
/** Names that are spelled out. */
const SHOWN = 20;

const card = byId('rules-card', HTMLElement);
const lockedLine = byId('rule-locked', HTMLElement);
const sizeLine = byId('rule-size', HTMLElement);
const namesLine = byId('rule-names', HTMLElement);
const held = byId('rules-held', HTMLElement);
const outcome = byId('rules-outcome', HTMLElement);
const size = byId('rule-most', HTMLInputElement);

const OVERRULED = 'Somebody else has ordered something else at the same time, and that counts.';

export class Rules {
  readonly #api: Api;
  readonly #howLong = new HowLong(byId('rules-for', HTMLSelectElement), USUAL);
  #room: string | undefined;
  /** Numbers the requests, so that outdated responses are ignored. */
  #asked = 0;

  constructor(api: Api) {
    this.#api = api;
    const open = (rule: 'locked' | 'maxSize' | 'names', done: string) => () =>
      void this.#order(
        (policy) => (policy[rule] === undefined ? done : OVERRULED),
        (room) => api.openRoom(room, rule),
      );
    byId('rule-lock', HTMLElement).addEventListener('click', () => {
      const { seconds, words } = this.#howLong;
      void this.#order(
        ({ locked }) => (locked === undefined ? OVERRULED : `Locked for ${words}.`),
        (room) => api.setRules(room, { locked: true, seconds }),
      );
    });
    byId('rule-unlock', HTMLElement).addEventListener('click', open('locked', 'Unlocked.'));
    byId('rule-size-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const { seconds, words } = this.#howLong;
      const maxSize = size.valueAsNumber;
      void this.#order(
        (policy) =>
          policy.maxSize?.value === maxSize ? `Limited to ${count(maxSize)} for ${words}.` : OVERRULED,
        (room) => api.setRules(room, { maxSize, seconds }),
      );
    });
    byId('rule-unlimit', HTMLElement).addEventListener('click', open('maxSize', 'The limit is lifted.'));
    byId('rule-unname', HTMLElement).addEventListener('click', open('names', 'Every name may join.'));
  }

  /** Shows another room, with nothing until its rules are loaded. */
  enter(room: string): void {
    this.#room = room;
    this.#asked++;
    size.value = '';
    for (const line of [lockedLine, sizeLine, namesLine]) setText(line, '…');
    for (const line of [held, outcome]) setText(line, '');
  }

  async refresh(): Promise<void> {
    const room = this.#room;
    if (room === undefined) return;
    const asked = ++this.#asked;
    const policy = await this.#api.rules(room);
    if (asked === this.#asked) show(policy);
  }

  /** Says what came of an order, and shows what counts then. @param done what to say of the rules after it */
  async #order(
    done: (policy: RoomPolicy) => string,
    give: (room: string) => Promise<RoomPolicy>,
  ): Promise<void> {
    const room = this.#room;
    if (room === undefined) return;
    setText(outcome, 'Asking the host …');
    try {
      const policy = await give(room);
      if (this.#room !== room) return;
      this.#asked++;
      show(policy);
      setText(
        outcome,
        [done(policy), policy.heldBy === undefined ? '' : heldInWords(policy.heldBy)].join(' '),
      );
    } catch (error) {
      const unknown = error instanceof ApiProblem ? '' : ' Whether it counts is not known.';
      if (this.#room === room) setText(outcome, inWords(error) + unknown);
    }
  }
}

function show(policy: RoomPolicy | undefined): void {
  steadily(() => {
    card.hidden = policy === undefined;
    if (policy === undefined) return;
    const { locked, maxSize, names, heldBy } = policy;
    const isOpen = locked === undefined && maxSize === undefined && names === undefined;
    setText(
      lockedLine,
      locked === undefined ? 'Not locked.' : `Locked ${untilInWords(locked)}: nobody new may join.`,
    );
    setText(
      sizeLine,
      maxSize === undefined
        ? 'No greatest size of its own.'
        : `Takes ${count(maxSize.value)} at most, ${untilInWords(maxSize)}.`,
    );
    showNames(names);
    setText(held, isOpen || heldBy === undefined ? '' : heldInWords(heldBy));
  });
}

function showNames(names: RoomPolicy['names']): void {
  if (names === undefined) {
    setText(namesLine, 'Every name may join.');
    return;
  }
  const shown = names.value.slice(0, SHOWN).flatMap((name) => [' ', named(name)]);
  const rest = names.value.length - SHOWN;
  const more = rest > 0 ? ` and ${count(rest)} more` : '';
  namesLine.replaceChildren(`Only these names may join, ${untilInWords(names)}:`, ...shown, more);
}
