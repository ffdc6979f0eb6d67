/** The rooms, one page at a time. The host searches and sorts, so many rooms are as quick as few. */
import type { Order, RoomPage, RoomSummary, SortKey } from '../../shapes';
import { button, byId, make, setText } from '../dom';
import { count, plural, span } from '../format';
import type { Api } from './api';

const PAGE = 25;
/** Milliseconds between a key press and the search. */
const TYPING = 200;

interface Column {
  readonly key: SortKey;
  readonly label: string;
  readonly firstOrder: Order;
  readonly className: string;
}

const COLUMNS: readonly Column[] = [
  { key: 'name', label: 'Room', firstOrder: 'asc', className: '' },
  { key: 'members', label: 'Members', firstOrder: 'desc', className: 'number' },
  { key: 'streams', label: 'Streams', firstOrder: 'desc', className: 'number' },
  { key: 'since', label: 'Open for', firstOrder: 'asc', className: 'number' },
];

const body = byId('rooms', HTMLElement);
const search = byId('search', HTMLInputElement);
const previous = byId('previous', HTMLButtonElement);
const next = byId('next', HTMLButtonElement);

export class RoomsTable {
  readonly #api: Api;
  readonly #onOpen: (room: string) => void;
  readonly #heads = new Map<SortKey, HTMLElement>();
  #sort: SortKey = 'members';
  #order: Order = 'desc';
  #offset = 0;
  /** Numbers the requests, so that outdated responses are ignored. */
  #asked = 0;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, onOpen: (room: string) => void) {
    this.#api = api;
    this.#onOpen = onOpen;
    byId('room-heads', HTMLElement).replaceChildren(...COLUMNS.map((column) => this.#head(column)));
    search.addEventListener('input', () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#turnTo(0), TYPING);
    });
    previous.addEventListener('click', () => this.#turnTo(this.#offset - PAGE));
    next.addEventListener('click', () => this.#turnTo(this.#offset + PAGE));
    this.#markSort();
  }

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    const page = await this.#api.rooms({
      search: search.value,
      sort: this.#sort,
      order: this.#order,
      offset: this.#offset,
      limit: PAGE,
    });
    if (asked !== this.#asked) return;
    if (page.rooms.length === 0 && this.#offset > 0) this.#turnTo(0);
    else this.#show(page);
  }

  #turnTo(offset: number): void {
    this.#offset = Math.max(0, offset);
    this.refresh().catch(leaveToFeed);
  }

  #head({ key, label, firstOrder, className }: Column): HTMLElement {
    const sort = button(label, '', () => {
      if (this.#sort === key) this.#order = this.#order === 'asc' ? 'desc' : 'asc';
      else [this.#sort, this.#order] = [key, firstOrder];
      this.#markSort();
      this.#turnTo(0);
    });
    const head = make('th', { scope: 'col', class: className }, sort);
    this.#heads.set(key, head);
    return head;
  }

  #markSort(): void {
    for (const [key, head] of this.#heads) {
      if (key !== this.#sort) head.removeAttribute('aria-sort');
      else head.setAttribute('aria-sort', this.#order === 'asc' ? 'ascending' : 'descending');
    }
  }

  /** Rows are reused and only their text changes, so that the focus stays. */
  #show({ total, offset, rooms }: RoomPage): void {
    while (body.children.length > rooms.length) body.lastElementChild?.remove();
    for (const [place, room] of rooms.entries()) {
      const row = body.children[place] ?? body.appendChild(this.#emptyRow());
      fillRow(row, room);
    }
    const from = offset + 1;
    const range = total > PAGE ? `${count(from)}–${count(offset + rooms.length)} of ` : '';
    setText(byId('found', HTMLElement), total === 0 ? '' : `${range}${plural(total, 'room')}`);
    const none = byId('no-rooms', HTMLElement);
    none.hidden = total > 0;
    setText(none, search.value === '' ? 'There are no rooms.' : 'No room or stream matches.');
    previous.disabled = offset === 0;
    next.disabled = offset + rooms.length >= total;
    previous.hidden = next.hidden = total <= PAGE;
  }

  #emptyRow(): HTMLTableRowElement {
    const open = button('', 'open name', () => this.#onOpen(open.textContent ?? ''));
    const cells = COLUMNS.slice(1).map(({ className }) => make('td', { class: className }));
    return make('tr', {}, make('td', { class: 'name' }, open), ...cells);
  }
}

function fillRow(row: Element, { room, members, streams, since }: RoomSummary): void {
  const words = [room, count(members), count(streams), span(Date.now() - since)];
  for (const [place, text] of words.entries()) {
    const cell = row.children[place];
    const target = cell?.querySelector('button') ?? cell;
    if (target instanceof HTMLElement) setText(target, text);
  }
}

/** The feed meets the same error, and shows it. */
export function leaveToFeed(): void {}
