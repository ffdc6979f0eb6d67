/** The bans of all rooms, one page at a time; an operator lifts them. */
import type { Ban, BanPage } from '../../shapes';
import { button, byId, make, setText } from '../dom';
import { dayTime, span } from '../format';
import { roomAddress } from './address';
import { type Api, inWords } from './api';
import { heldInWords, named, whomOf } from './held';
import { KeyedRows } from './keyed-rows';
import { Pager } from './pager';

const PAGE = 25;

const card = byId('bans-card', HTMLElement);
const outcome = byId('bans-outcome', HTMLElement);

export class Bans {
  readonly #api: Api;
  readonly #pager = new Pager('bans', PAGE, 'ban', () => this.#renew());
  readonly #rows = new KeyedRows<Ban>(
    byId('bans', HTMLElement),
    { keyOf: ({ id }) => id, create: (ban) => this.#newRow(ban), fill: fillRow },
    (waits) => this.#pager.hint(waits),
  );
  /** Numbers the requests, so that outdated responses are ignored. */
  #asked = 0;

  constructor(api: Api) {
    this.#api = api;
    this.#pager.onShow(() => this.#rows.showWaiting());
  }

  /** Loads the page anew, and shows it as soon as the rows may move. */
  async refresh(): Promise<void> {
    const page = await this.#load();
    if (page !== undefined) this.#rows.offer(page.bans);
  }

  /** After a wish of the operator's own: shows the page at once. */
  async #renew(): Promise<void> {
    const page = await this.#load();
    if (page !== undefined) this.#rows.show(page.bans);
  }

  /** Undefined if another request overtook it, or nobody can ban here. */
  async #load(): Promise<BanPage | undefined> {
    const asked = ++this.#asked;
    const page = await this.#api.bans({ offset: this.#pager.offset, limit: PAGE });
    if (page === undefined || asked !== this.#asked) return undefined;
    this.#pager.show(page.total, page.bans.length);
    card.hidden = page.total === 0 && outcome.textContent === '';
    return page;
  }

  async #lift(ban: Ban): Promise<void> {
    setText(outcome, 'Asking the host …');
    try {
      const { heldBy } = await this.#api.lift(ban.id);
      outcome.replaceChildren(...bannedInWords(ban), ` is lifted. ${heldInWords(heldBy)}`);
    } catch (error) {
      outcome.replaceChildren(...bannedInWords(ban), ` is not lifted. ${inWords(error)}`);
    }
    await this.refresh();
  }

  #newRow(ban: Ban): HTMLTableRowElement {
    const { room } = ban;
    const [kind, whom] = whomOf(ban);
    const lift = button('Lift', 'compact acts', () => void this.#lift(ban));
    lift.setAttribute('aria-label', `Lift the ban of the ${kind} ${whom}`);
    return make(
      'tr',
      {},
      make('td', { class: 'name' }, make('span', { class: 'muted' }, kind), ' ', named(whom)),
      make('td', { class: 'name' }, room === undefined ? 'All rooms' : roomLink(room)),
      make('td', { class: 'nowrap desk until' }),
      make('td', { class: 'number left' }),
      make('td', { class: 'name desk reason' }),
      make('td', { class: 'number' }, lift),
    );
  }
}

/** The same terms again renew a ban. */
function fillRow(row: HTMLTableRowElement, { until, reason = '' }: Ban): void {
  const words = { until: dayTime(until), left: span(until - Date.now()), reason };
  for (const [cell, text] of Object.entries(words)) {
    const found = row.querySelector<HTMLElement>(`.${cell}`);
    if (found) setText(found, text);
  }
}

function bannedInWords(ban: Ban): (Node | string)[] {
  const [kind, whom] = whomOf(ban);
  const where = ban.room === undefined ? [' from all rooms'] : [' from ', named(ban.room)];
  return [`The ban of the ${kind} `, named(whom), ...where];
}

function roomLink(room: string): HTMLElement {
  return make('a', { href: roomAddress(room) }, room);
}
