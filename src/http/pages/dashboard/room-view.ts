/** A room of its own: its rules, its roster, its members, and who came and went. */
import type { Happening, RoomDetails, Visit } from '../../shapes';
import { byId, make, setText } from '../dom';
import { clock, plural, span } from '../format';
import { type Api, ApiProblem, inWords } from './api';
import { whatHappened } from './feed-words';
import { MembersTable } from './members-table';
import { leaveToLive } from './pager';
import type { Removal } from './removal';
import { Roster } from './roster';
import { Rules } from './rules';

/** Events that are spelled out. */
const SHOWN = 200;

const title = byId('room-name', HTMLElement);
const facts = byId('room-facts', HTMLElement);
const past = byId('past', HTMLElement);
const removeAll = byId('remove-room', HTMLButtonElement);

export class RoomView {
  readonly #api: Api;
  readonly #members: MembersTable;
  readonly #rules: Rules;
  readonly #roster: Roster;
  #room: string | undefined;

  constructor(api: Api, removal: Removal) {
    this.#api = api;
    this.#members = new MembersTable(api, (member) => removal.member(member));
    this.#rules = new Rules(api);
    this.#roster = new Roster((streamName, isPublished) => {
      if (this.#room !== undefined) removal.stream({ room: this.#room, streamName }, isPublished);
    });
    removeAll.addEventListener('click', () => {
      if (this.#room !== undefined) removal.room(this.#room);
    });
  }

  /** Shows a room, with nothing until it is loaded; undefined: none. */
  enter(room: string | undefined): void {
    this.#room = room;
    if (room === undefined) return;
    this.#members.enter(room);
    setText(title, room);
    setText(facts, 'Asking who is there …');
    removeAll.hidden = true;
    this.#rules.enter(room);
    this.#roster.clear();
    past.replaceChildren();
  }

  /** After a removal, with which the button that asked for it has gone. */
  afterRemoval(): void {
    title.focus();
    this.#members.renew().catch(leaveToLive);
  }

  /** @param events refusals and removals, of which the room itself does not tell */
  async refresh(events: readonly Happening[]): Promise<void> {
    const room = this.#room;
    if (room === undefined) return;
    try {
      const [details] = await Promise.all([
        this.#details(room),
        this.#members.refresh(),
        this.#rules.refresh(),
      ]);
      if (this.#room === room) this.#show(details, events);
    } catch (error) {
      if (this.#room === room && removeAll.hidden) setText(facts, inWords(error));
    }
  }

  /** An empty room is one that the host does not know. */
  async #details(room: string): Promise<RoomDetails> {
    try {
      return await this.#api.room(room);
    } catch (error) {
      if (!(error instanceof ApiProblem && error.status === 404)) throw error;
      return { room, streams: [], members: { total: 0 }, since: 0, recent: [], missing: [] };
    }
  }

  #show(details: RoomDetails, events: readonly Happening[]): void {
    const { streams, members, since } = details;
    const words = [plural(streams.length, 'stream'), plural(members.total, 'member')];
    if (since > 0) words.push(`open for ${span(Date.now() - since)}`);
    setText(facts, members.total === 0 ? 'Nobody is in this room.' : words.join(' · '));
    removeAll.hidden = members.total === 0;
    this.#roster.offer(details);
    showPast([...details.recent, ...events]);
  }
}

function showPast(events: readonly (Visit | Happening)[]): void {
  const newest = [...events].sort((a, b) => b.time - a.time).slice(0, SHOWN);
  past.replaceChildren(...newest.map(pastRow));
  byId('no-past', HTMLElement).hidden = newest.length > 0;
}

function pastRow(event: Visit | Happening): HTMLTableRowElement {
  const { time, kind, address, node } = event;
  return make(
    'tr',
    { class: kind },
    make('td', { class: 'nowrap' }, clock(time)),
    make('td', { class: 'name' }, ...whatHappened(event)),
    make('td', { class: 'small' }, `${address} `, make('span', { class: 'muted' }, node)),
  );
}
