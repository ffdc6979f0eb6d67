/** Removes members: first says exactly whom, and afterwards what happened. It is never blank. */
import type { MemberSummary, Removed } from '../../shapes';
import { byId, make, setText } from '../dom';
import { count, plural, span } from '../format';
import { type Api, ApiProblem, inWords } from './api';
import { BanToo, type BanWish, type NamedStream } from './ban-too';
import { mediaInWords } from './media';
import { missingInWords } from './nodes';
import { memberPlan, type Plan, roomPlan, streamPlan, type Whom, withBan } from './removal-plans';

const dialog = byId('removal', HTMLDialogElement);
const title = byId('removal-title', HTMLElement);
const text = byId('removal-text', HTMLElement);
const list = byId('removal-list', HTMLElement);
const table = byId('removal-table', HTMLElement);
const more = byId('removal-more', HTMLElement);
const no = byId('removal-no', HTMLButtonElement);
const yes = byId('removal-yes', HTMLButtonElement);

type Listed = Pick<MemberSummary, 'streamName' | 'address' | 'node'> & Partial<MemberSummary>;

export class Removal {
  readonly #api: Api;
  readonly #banToo = new BanToo(() => this.#askAgain());
  /** What the open dialog is of. */
  #plan: Plan | undefined;
  /** Numbers the questions: answers to earlier ones are late. */
  #asked = 0;
  /** What a press of the button does. */
  #act: () => Promise<void> = async () => {};
  #hasActed = false;

  /** @param onRemoved called once the dialog is closed, if somebody may have been removed */
  constructor(api: Api, onRemoved: () => void) {
    this.#api = api;
    no.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => {
      this.#plan = undefined;
      this.#asked++;
      if (this.#hasActed) onRemoved();
    });
    yes.addEventListener('click', () => void this.#act());
  }

  member(member: MemberSummary): void {
    this.#open(memberPlan(this.#api, member));
  }

  /** @param isPublished as far as the media server is known to say */
  stream(stream: NamedStream, isPublished: boolean): void {
    this.#open(streamPlan(this.#api, stream, isPublished));
  }

  room(room: string): void {
    this.#open(roomPlan(this.#api, room));
  }

  #open(plan: Plan): void {
    this.#plan = plan;
    this.#hasActed = false;
    setText(title, plan.title);
    this.#banToo.offer(plan.stream);
    show({ text: '', cancel: 'Cancel' });
    dialog.showModal();
    no.focus();
    void this.#ask(plan);
  }

  /** Another number of members is meant now. */
  #askAgain(): void {
    if (this.#plan !== undefined) void this.#ask(this.#plan);
  }

  async #ask(plan: Plan): Promise<void> {
    const asked = ++this.#asked;
    const wish = this.#banToo.wish;
    const meant = wish === undefined ? plan : withBan(this.#api, plan, wish);
    setText(text, 'Asking who is there …');
    yes.disabled = true;
    try {
      const whom = await meant.whom();
      if (asked !== this.#asked) return;
      show(question(whom, plan, wish));
      this.#act = () => this.#remove(plan);
    } catch (error) {
      if (asked !== this.#asked) return;
      show({ text: `${inWords(error)} Nobody is removed.`, cancel: 'Cancel', action: 'Try again' });
      this.#act = () => this.#ask(plan);
    }
  }

  async #remove(plan: Plan): Promise<void> {
    const asked = ++this.#asked;
    const wish = this.#banToo.wish;
    const meant = wish === undefined ? plan : withBan(this.#api, plan, wish);
    this.#hasActed = true;
    this.#banToo.hold(true);
    yes.disabled = true;
    setText(text, 'Removing …');
    try {
      const removed = await meant.remove();
      if (asked !== this.#asked) return;
      this.#banToo.offer(undefined);
      this.#say(removed, wish);
    } catch (error) {
      if (asked !== this.#asked) return;
      if (error instanceof ApiProblem && error.status === 404) {
        this.#banToo.offer(undefined);
        setText(title, 'Nobody was removed');
        show({ text: 'They had left already.', cancel: 'Close' });
      } else {
        const unknown = error instanceof ApiProblem ? '' : ' Whether they are removed is not known.';
        show({ text: inWords(error) + unknown, cancel: 'Close', action: 'Try again' });
        this.#banToo.hold(false);
      }
    }
    no.focus();
  }

  #say({ removed, members, missing = [], media, ban }: Removed, wish: BanWish | undefined): void {
    setText(title, removed === 0 ? 'Nobody was removed' : `${plural(removed, 'member')} removed`);
    const words = [
      wish === undefined ? '' : bannedInWords(wish, ban !== undefined),
      missingInWords(missing),
      media === undefined ? '' : mediaInWords(media),
    ];
    show({ text: words.filter(Boolean).join(' '), members, total: removed, cancel: 'Close' });
  }
}

function question({ total, members, missing }: Whom, plan: Plan, wish: BanWish | undefined): Face {
  const they = total === 1 ? 'This member is' : `These ${count(total)} members are`;
  const words = `${they} told that an operator removed them, and the client library does not come back.`;
  const nobody = plan.endsPublishing
    ? 'No member has this stream: whoever publishes it is taken off the air.'
    : 'Nobody is there.';
  const action = actionInWords(total, plan, wish);
  return {
    text: [total === 0 ? nobody : words, missingInWords(missing)].filter(Boolean).join(' '),
    cancel: action === undefined ? 'Close' : 'Cancel',
    ...{ members, total },
    ...(action !== undefined && { action }),
  };
}

/** Undefined where there is nothing to do. */
function actionInWords(total: number, plan: Plan, wish: BanWish | undefined): string | undefined {
  const parts = [
    ...(total > 0 ? [`Remove ${plural(total, 'member')}`] : []),
    ...(total === 0 && plan.endsPublishing ? ['End the publishing'] : []),
    ...(wish === undefined ? [] : ['ban the name']),
  ];
  const words = parts.join(' and ');
  return words === '' ? undefined : words.replace(/^b/, 'B');
}

function bannedInWords({ streamName, room, words }: BanWish, isBanned: boolean): string {
  return isBanned
    ? `The name ${streamName} is banned from ${room} for ${words}.`
    : `The name ${streamName} is not banned: there are too many bans.`;
}

interface Face {
  readonly text: string;
  readonly members?: readonly Listed[];
  /** Of them all, also those that are not spelled out. */
  readonly total?: number;
  readonly cancel: string;
  /** What the other button does; it is not there without. */
  readonly action?: string;
}

function show({ text: words, members = [], total = members.length, cancel, action }: Face): void {
  setText(text, words);
  list.replaceChildren(...members.map(rowOf));
  table.hidden = members.length === 0;
  setText(more, total > members.length ? `and ${count(total - members.length)} more` : '');
  setText(no, cancel);
  yes.hidden = action === undefined;
  yes.disabled = false;
  setText(yes, action ?? '');
}

function rowOf({ streamName, address, node, machine, since }: Listed): HTMLTableRowElement {
  return make(
    'tr',
    {},
    make('td', { class: 'name' }, streamName),
    make('td', {}, address),
    make('td', {}, machine === undefined ? node : `${machine} (${node})`),
    make('td', { class: 'number desk' }, since === undefined ? '' : span(Date.now() - since)),
  );
}
