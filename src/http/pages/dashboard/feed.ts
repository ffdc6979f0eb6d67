/** The feed: joins, leaves, refusals, removals and orders as they happen. */
import type { Happening, Feed as News } from '../../shapes';
import { byId, make, setText } from '../dom';
import { clock, count } from '../format';
import { roomAddress } from './address';
import { whatHappened } from './feed-words';
import { KeyedRows } from './keyed-rows';

type Kind = Happening['kind'];

/** Events of each kind that are kept, so that refusals are still there after a storm of joins; and rows shown. */
const KEPT = 100;
const SHOWN = 100;

const KINDS = ['join', 'leave', 'refusal', 'removal', 'order'] as const;

const CHOICES: readonly (readonly [string, readonly Kind[]])[] = [
  ['All', KINDS],
  ['Joins and leaves', ['join', 'leave']],
  ['Refusals', ['refusal']],
  ['Removals', ['removal']],
  ['Orders', ['order']],
];

const choice = byId('feed-kinds', HTMLSelectElement);
const none = byId('no-feed', HTMLElement);
const hint = byId('feed-hint', HTMLElement);
const skippedLine = byId('feed-skipped', HTMLElement);

export class Feed {
  readonly #rows = new KeyedRows<Happening>(
    byId('feed', HTMLElement),
    { keyOf: ({ id }) => String(id), create: rowOf, fill: () => {} },
    (waits) => setText(hint, waits ? 'Newer ones wait' : ''),
  );
  /** The newest first. */
  #events: Readonly<Record<Kind, readonly Happening[]>> = nothing();

  constructor() {
    choice.append(...CHOICES.map(([label], place) => make('option', { value: String(place) }, label)));
    choice.addEventListener('change', () => this.#rows.show(this.#chosen()));
  }

  clear(): void {
    this.#events = nothing();
  }

  /** The latest of some kinds, the newest first. */
  latest(kinds: readonly Kind[]): readonly Happening[] {
    const events = kinds.flatMap((kind) => this.#events[kind]);
    return events.sort((a, b) => b.time - a.time);
  }

  /** @returns whether anything is new */
  add({ happenings, skipped }: News): boolean {
    const known = new Set(this.latest(KINDS).map(({ id }) => id));
    const arrived = happenings.filter(({ id }) => !known.has(id)).reverse();
    const latest = (kind: Kind) =>
      [...arrived.filter((event) => event.kind === kind), ...this.#events[kind]].slice(0, KEPT);
    this.#events = {
      join: latest('join'),
      leave: latest('leave'),
      refusal: latest('refusal'),
      removal: latest('removal'),
      order: latest('order'),
    };
    setText(skippedLine, skipped > 0 ? `${count(skipped)} more in the last second than are listed` : '');
    this.#rows.offer(this.#chosen());
    return arrived.length + skipped > 0;
  }

  #chosen(): readonly Happening[] {
    const [, kinds = []] = CHOICES[Number(choice.value)] ?? [];
    const events = this.latest(kinds).slice(0, SHOWN);
    none.hidden = events.length > 0;
    return events;
  }
}

function nothing(): Record<Kind, readonly Happening[]> {
  return { join: [], leave: [], refusal: [], removal: [], order: [] };
}

function rowOf(event: Happening): HTMLTableRowElement {
  const { time, kind, room, address, node } = event;
  const where = room === undefined ? [] : [make('a', { href: roomAddress(room) }, room)];
  return make(
    'tr',
    { class: kind },
    make('td', { class: 'nowrap' }, clock(time)),
    make(
      'td',
      { class: 'name' },
      ...whatHappened(event),
      make('p', { class: 'phone small muted' }, `${address} · ${node}`),
    ),
    make('td', { class: 'name' }, ...where),
    make(
      'td',
      { class: 'small desk' },
      make('span', { class: 'nowrap' }, address),
      make('span', { class: 'muted' }, ` ${node}`),
    ),
  );
}
