/** The rooms, one page at a time. The host searches and sorts, so many rooms are as quick as few. */
import type { Order, RoomPage, RoomSummary, SortKey } from '../../shapes';
import { button, byId, make, setText } from '../dom';
import { count, span } from '../format';
import { roomAddress } from './address';
import type { Api } from './api';
import { KeyedRows } from './keyed-rows';
import { marked } from './mark';
import { missingInWords } from './nodes';
import { Pager, whenTyped } from './pager';

const PAGE = 25;

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
  { key: 'since', label: 'Open for', firstOrder: 'asc', className: 'number desk' },
];

const search = byId('search', HTMLInputElement);
const none = byId('no-rooms', HTMLElement);

export class RoomsTable {
  readonly #api: Api;
  readonly #heads = new Map<SortKey, HTMLElement>();
  readonly #pager = new Pager('rooms', PAGE, 'room', () => this.#renew());
  readonly #rows = new KeyedRows<RoomSummary>(
    byId('rooms', HTMLElement),
    { keyOf: ({ room }) => room, create: newRow, fill: (row, room) => fillRow(row, room, this.#search) },
    (waits) => this.#pager.hint(waits),
  );
  #search = '';
  #sort: SortKey = 'members';
  #order: Order = 'desc';
  /** Numbers the requests, so that outdated responses are ignored. */
  #asked = 0;

  constructor(api: Api) {
    this.#api = api;
    byId('room-heads', HTMLElement).replaceChildren(...COLUMNS.map((column) => this.#head(column)));
    whenTyped(search, () => this.#pager.turnTo(0));
    this.#pager.onShow(() => this.#rows.showWaiting());
    this.#markSort();
  }

  /** Loads the page anew, and shows it as soon as the rows may move. */
  async refresh(): Promise<void> {
    const page = await this.#load();
    if (page !== undefined) this.#rows.offer(page.rooms);
  }

  /** After a wish of the operator's own: shows the page at once. */
  async #renew(): Promise<void> {
    const page = await this.#load();
    if (page !== undefined) this.#rows.show(page.rooms);
  }

  /** Undefined if another request overtook it. */
  async #load(): Promise<RoomPage | undefined> {
    const asked = ++this.#asked;
    const text = search.value;
    const { offset } = this.#pager;
    const page = await this.#api.rooms({
      ...{ search: text, sort: this.#sort, order: this.#order },
      ...{ offset, limit: PAGE },
    });
    if (asked !== this.#asked) return undefined;
    this.#search = text;
    this.#pager.show(page.total, page.rooms.length);
    none.hidden = page.total > 0;
    setText(none, text === '' ? 'There are no rooms.' : 'No room or stream matches.');
    setText(byId('rooms-missing', HTMLElement), missingInWords(page.missing));
    return page;
  }

  #head({ key, label, firstOrder, className }: Column): HTMLElement {
    const sort = button(label, '', () => {
      if (this.#sort === key) this.#order = this.#order === 'asc' ? 'desc' : 'asc';
      else [this.#sort, this.#order] = [key, firstOrder];
      this.#markSort();
      this.#pager.turnTo(0);
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
}

function newRow({ room }: RoomSummary): HTMLTableRowElement {
  const cells = COLUMNS.slice(1).map(({ className }) => make('td', { class: className }));
  const link = make('a', { class: 'open', href: roomAddress(room) });
  const found = make('p', { class: 'small muted', hidden: '' });
  return make('tr', {}, make('td', { class: 'name' }, link, found), ...cells);
}

function fillRow(row: HTMLTableRowElement, summary: RoomSummary, search: string): void {
  const { room, members, streams, since, matches = [] } = summary;
  const [name, ...cells] = row.cells;
  const words = [count(members), count(streams), span(Date.now() - since)];
  for (const [place, cell] of cells.entries()) setText(cell, words[place] ?? '');
  if (row.dataset.search === search && row.dataset.matches === matches.join()) return;
  row.dataset.search = search;
  row.dataset.matches = matches.join();
  name?.querySelector('a')?.replaceChildren(...marked(room, search));
  const found = name?.querySelector('p');
  if (!found) return;
  found.hidden = matches.length === 0;
  found.replaceChildren(
    ...matches.flatMap((stream, place) => [place > 0 ? ', ' : 'has ', ...marked(stream, search)]),
  );
}
