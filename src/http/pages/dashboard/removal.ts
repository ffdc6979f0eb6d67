/** Removes members: first says exactly whom, and afterwards what happened. It is never blank. */
import type { MemberPage, MemberSummary, Removed } from '../../shapes';
import { byId, make, setText } from '../dom';
import { count, plural, span } from '../format';
import { type Api, ApiProblem, inWords } from './api';
import { mediaInWords } from './media';
import { missingInWords } from './nodes';

/** As many names are spelled out; the number is always exact. */
const SHOWN = 500;

const dialog = byId('removal', HTMLDialogElement);
const title = byId('removal-title', HTMLElement);
const text = byId('removal-text', HTMLElement);
const list = byId('removal-list', HTMLElement);
const table = byId('removal-table', HTMLElement);
const more = byId('removal-more', HTMLElement);
const no = byId('removal-no', HTMLButtonElement);
const yes = byId('removal-yes', HTMLButtonElement);

type Listed = Pick<MemberSummary, 'streamName' | 'address' | 'node'> & Partial<MemberSummary>;
type Whom = Pick<MemberPage, 'total' | 'members' | 'missing'>;

interface Plan {
  readonly title: string;
  readonly whom: () => Promise<Whom>;
  readonly remove: () => Promise<Removed>;
}

export class Removal {
  readonly #api: Api;
  /** What the open dialog is of: answers that come for another one are late. */
  #plan: Plan | undefined;
  /** What a press of the button does. */
  #act: () => Promise<void> = async () => {};
  #hasActed = false;

  /** @param onRemoved called once the dialog is closed, if somebody may have been removed */
  constructor(api: Api, onRemoved: () => void) {
    this.#api = api;
    no.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => {
      this.#plan = undefined;
      if (this.#hasActed) onRemoved();
    });
    yes.addEventListener('click', () => void this.#act());
  }

  member(member: MemberSummary): void {
    this.#open({
      title: `Remove ${member.streamName}?`,
      whom: async () => ({ total: 1, members: [member], missing: [] }),
      remove: () => this.#api.removeMember(member.id),
    });
  }

  room(room: string): void {
    this.#open({
      title: `Remove everybody from ${room}?`,
      whom: () => this.#api.members(room, { limit: SHOWN, offset: 0 }),
      remove: () => this.#api.removeRoom(room),
    });
  }

  #open(plan: Plan): void {
    this.#plan = plan;
    this.#hasActed = false;
    setText(title, plan.title);
    dialog.showModal();
    no.focus();
    void this.#ask(plan);
  }

  async #ask(plan: Plan): Promise<void> {
    show({ text: 'Asking who is there …', cancel: 'Cancel' });
    try {
      const { total, members, missing } = await plan.whom();
      if (this.#plan !== plan) return;
      const they = total === 1 ? 'This member is' : `These ${count(total)} members are`;
      const words = `${they} told that an operator removed them, and the client library does not come back.`;
      const nobody = total === 0 ? 'Nobody is there.' : words;
      show({
        text: [nobody, missingInWords(missing)].filter(Boolean).join(' '),
        cancel: total === 0 ? 'Close' : 'Cancel',
        ...{ members, total },
        ...(total > 0 && { action: `Remove ${plural(total, 'member')}` }),
      });
      this.#act = () => this.#remove(plan);
    } catch (error) {
      if (this.#plan !== plan) return;
      show({ text: `${inWords(error)} Nobody is removed.`, cancel: 'Cancel', action: 'Try again' });
      this.#act = () => this.#ask(plan);
    }
  }

  async #remove(plan: Plan): Promise<void> {
    this.#hasActed = true;
    yes.disabled = true;
    setText(text, 'Removing …');
    try {
      const { removed, members, missing = [], media } = await plan.remove();
      if (this.#plan !== plan) return;
      setText(title, removed === 0 ? 'Nobody was removed' : `${plural(removed, 'member')} removed`);
      const words = [missingInWords(missing), media === undefined ? '' : mediaInWords(media)];
      show({ text: words.filter(Boolean).join(' '), members, total: removed, cancel: 'Close' });
    } catch (error) {
      if (this.#plan !== plan) return;
      if (error instanceof ApiProblem && error.status === 404) {
        setText(title, 'Nobody was removed');
        show({ text: 'They had left already.', cancel: 'Close' });
      } else {
        const unknown = error instanceof ApiProblem ? '' : ' Whether they are removed is not known.';
        show({ text: inWords(error) + unknown, cancel: 'Close', action: 'Try again' });
      }
    }
    no.focus();
  }
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
