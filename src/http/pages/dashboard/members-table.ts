/** The members of a room, one page at a time, with a filter. */
import type { MemberPage, MemberSummary } from '../../shapes';
import { button, byId, make, setText } from '../dom';
import { span } from '../format';
import type { Api } from './api';
import { KeyedRows } from './keyed-rows';
import { marked } from './mark';
import { missingInWords } from './nodes';
import { Pager, whenTyped } from './pager';

const PAGE = 50;

const filter = byId('member-filter', HTMLInputElement);
const none = byId('no-members', HTMLElement);

export class MembersTable {
  readonly #api: Api;
  readonly #onRemove: (member: MemberSummary) => void;
  readonly #pager = new Pager('members', PAGE, 'member', () => this.renew());
  readonly #rows = new KeyedRows<MemberSummary>(
    byId('members', HTMLElement),
    {
      keyOf: ({ id }) => id,
      create: (member) => this.#newRow(member),
      fill: (row, member) => fillRow(row, member, this.#filter),
    },
    (waits) => this.#pager.hint(waits),
  );
  #room = '';
  #filter = '';
  /** Numbers the requests, so that outdated responses are ignored. */
  #asked = 0;

  constructor(api: Api, onRemove: (member: MemberSummary) => void) {
    this.#api = api;
    this.#onRemove = onRemove;
    whenTyped(filter, () => this.#pager.turnTo(0));
    this.#pager.onShow(() => this.#rows.showWaiting());
  }

  /** Shows another room, with nothing until its members are loaded. */
  enter(room: string): void {
    this.#room = room;
    this.#asked++;
    filter.value = '';
    this.#pager.reset();
    this.#rows.show([]);
  }

  /** Loads the page anew, and shows it as soon as the rows may move. */
  async refresh(): Promise<void> {
    const page = await this.#load();
    if (page !== undefined) this.#rows.offer(page.members);
  }

  /** After a wish of the operator's own: shows the page at once. */
  async renew(): Promise<void> {
    const page = await this.#load();
    if (page !== undefined) this.#rows.show(page.members);
  }

  /** Undefined if another request overtook it. */
  async #load(): Promise<MemberPage | undefined> {
    const asked = ++this.#asked;
    const search = filter.value;
    const page = await this.#api.members(this.#room, { search, offset: this.#pager.offset, limit: PAGE });
    if (asked !== this.#asked) return undefined;
    this.#filter = search;
    this.#pager.show(page.total, page.members.length);
    none.hidden = page.total > 0;
    setText(none, search === '' ? 'Nobody is in this room.' : 'No member matches.');
    setText(byId('members-missing', HTMLElement), missingInWords(page.missing));
    return page;
  }

  #newRow(member: MemberSummary): HTMLTableRowElement {
    const { streamName, address, node, machine, observer } = member;
    const remove = button('Remove', 'compact removes', () => this.#onRemove(member));
    remove.setAttribute('aria-label', `Remove ${streamName} at ${address}`);
    const name = make('span', { class: 'who' });
    const tag = make('span', { class: 'tag slow', hidden: '' }, 'slow');
    const tags = observer ? [tag, make('span', { class: 'tag observer' }, 'observer')] : [tag];
    return make(
      'tr',
      {},
      make(
        'td',
        { class: 'name' },
        name,
        ...tags,
        make('p', { class: 'phone small muted' }, `${address} · ${machine} ${node}`),
      ),
      make('td', { class: 'nowrap desk' }, address),
      make('td', { class: 'nowrap desk' }, `${machine} `, make('span', { class: 'muted' }, node)),
      make('td', { class: 'number lasting' }),
      make('td', { class: 'number removing' }, remove),
    );
  }
}

function fillRow(row: HTMLTableRowElement, { streamName, since, slow }: MemberSummary, search: string): void {
  const lasting = row.querySelector<HTMLElement>('.lasting');
  if (lasting) setText(lasting, span(Date.now() - since));
  const tag = row.querySelector<HTMLElement>('.slow');
  if (tag) tag.hidden = !slow;
  if (row.dataset.search === search) return;
  row.dataset.search = search;
  row.querySelector('.who')?.replaceChildren(...marked(streamName, search));
}
