/** One room: its members, since when and from where, and buttons to remove them. */
import type { MemberSummary, RoomDetails } from '../../shapes';
import { button, byId, make, setText } from '../dom';
import { count, plural, span } from '../format';
import { type Api, ApiProblem } from './api';
import { askToRemove } from './confirm';
import { mediaInWords } from './media';
import { leaveToFeed } from './rooms-table';

/** More rows would be slow and no help. */
const SHOWN = 200;

const dialog = byId('room', HTMLDialogElement);
const title = byId('room-name', HTMLElement);
const facts = byId('room-facts', HTMLElement);
const body = byId('members', HTMLElement);
const more = byId('more-members', HTMLElement);
const publishers = byId('publishers', HTMLElement);
const removeAll = byId('remove-room', HTMLButtonElement);

export class RoomDialog {
  readonly #api: Api;
  readonly #rows = new Map<number, HTMLTableRowElement>();
  #room: string | undefined;

  constructor(api: Api) {
    this.#api = api;
    byId('room-done', HTMLElement).addEventListener('click', () => dialog.close());
    removeAll.addEventListener('click', () => this.#removeRoom());
    dialog.addEventListener('close', () => {
      this.#room = undefined;
    });
  }

  open(room: string): void {
    this.#room = room;
    this.#rows.clear();
    body.replaceChildren();
    setText(title, room);
    setText(facts, '');
    dialog.showModal();
    title.focus();
    this.refresh().catch(leaveToFeed);
  }

  /** Reloads the open room, if any. */
  async refresh(): Promise<void> {
    const room = this.#room;
    if (room === undefined) return;
    const details = await this.#api.room(room).catch((error) => {
      if (error instanceof ApiProblem && error.status === 404) return { room, streams: [], members: [] };
      throw error;
    });
    if (this.#room === room) this.#show(details);
  }

  close(): void {
    dialog.close();
  }

  #show({ streams, members, media = [] }: RoomDetails): void {
    const behind = members.filter((member) => member.behind).length;
    const observers = members.filter(({ observer }) => observer).length;
    const words = [plural(streams.length, 'stream'), plural(members.length, 'member')];
    if (observers > 0) words.push(plural(observers, 'observer'));
    if (behind > 0) words.push(`${count(behind)} behind`);
    setText(facts, members.length === 0 ? 'Everyone has left.' : words.join(' · '));
    removeAll.hidden = members.length === 0;
    const shown = members.slice(0, SHOWN);
    const here = new Set(shown.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (here.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    for (const member of shown) this.#showMember(member);
    const hidden = members.length - shown.length;
    setText(publishers, mediaInWords(media));
    setText(more, hidden === 0 ? '' : `and ${count(hidden)} more`);
  }

  #showMember(member: MemberSummary): void {
    const row = this.#rows.get(member.id) ?? this.#newRow(member);
    const lasting = row.querySelector<HTMLElement>('.lasting');
    if (lasting) setText(lasting, span(Date.now() - member.since));
    const tag = row.querySelector<HTMLElement>('.tag');
    if (tag) tag.hidden = !member.behind;
  }

  #newRow({ id, streamName, address, observer }: MemberSummary): HTMLTableRowElement {
    const remove = button('Remove', 'compact', () => this.#removeMember(id, streamName));
    remove.setAttribute('aria-label', `Remove ${streamName}`);
    const name = make(
      'td',
      { class: 'name' },
      streamName,
      make('span', { class: 'tag', hidden: '' }, 'behind'),
    );
    if (observer) name.append(make('span', { class: 'tag observer' }, 'observer'));
    const row = make(
      'tr',
      {},
      name,
      make(
        'td',
        { class: 'there' },
        make('span', { class: 'lasting' }),
        make('span', { class: 'muted' }, address),
      ),
      make('td', { class: 'number' }, remove),
    );
    this.#rows.set(id, row);
    body.append(row);
    return row;
  }

  async #removeMember(id: number, streamName: string): Promise<void> {
    const text = `${streamName} is told that an operator removed it, and does not reconnect by itself.`;
    if (!(await askToRemove('Remove this member?', text))) return;
    await this.#api.removeMember(id).catch(leaveToFeed);
    title.focus();
    await this.refresh().catch(leaveToFeed);
  }

  async #removeRoom(): Promise<void> {
    const room = this.#room;
    if (room === undefined) return;
    const text = `All members of ${room} are told that an operator removed them, and do not reconnect by themselves.`;
    if (!(await askToRemove('Remove all members?', text))) return;
    await this.#api.removeRoom(room).catch(leaveToFeed);
    title.focus();
    await this.refresh().catch(leaveToFeed);
  }
}
