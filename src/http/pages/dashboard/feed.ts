/** The feed: joins, leaves, refusals and removals as they happen. */
import { byId, make } from '../dom';
import { clock } from '../format';
import { roomAddress } from './address';
import { KeyedRows } from './keyed-rows';
import type { FeedEvent } from './types';

type Kind = FeedEvent['kind'];

/** Events of each kind that are kept, so that refusals are still there after a storm of joins; and rows shown. */
const KEPT = 100;
const SHOWN = 100;

const WORDS: Readonly<Record<Kind, string>> = {
  join: 'joined',
  leave: 'left',
  refusal: 'refused',
  removal: 'removed',
};

const CHOICES: readonly (readonly [string, readonly Kind[]])[] = [
  ['All', ['join', 'leave', 'refusal', 'removal']],
  ['Joins and leaves', ['join', 'leave']],
  ['Refusals', ['refusal']],
  ['Removals', ['removal']],
];

const choice = byId('feed-kinds', HTMLSelectElement);
const none = byId('no-feed', HTMLElement);
const hint = byId('feed-hint', HTMLElement);

export class Feed {
  readonly #rows = new KeyedRows<FeedEvent>(
    byId('feed', HTMLElement),
    { keyOf: ({ id }) => String(id), create: rowOf, fill: () => {} },
    (waits) => hint.replaceChildren(waits ? 'Newer ones wait' : ''),
  );
  /** The newest first. */
  #events: Readonly<Record<Kind, readonly FeedEvent[]>> = nothing();
  #arrived: FeedEvent[] = [];

  constructor() {
    choice.append(...CHOICES.map(([label], place) => make('option', { value: String(place) }, label)));
    choice.addEventListener('change', () => this.#rows.show(this.#chosen()));
  }

  add(event: FeedEvent): void {
    this.#arrived.push(event);
  }

  clear(): void {
    this.#arrived = [];
    this.#events = nothing();
  }

  /** The latest of some kinds, the newest first. */
  latest(kinds: readonly Kind[]): readonly FeedEvent[] {
    const events = kinds.flatMap((kind) => this.#events[kind]);
    return events.sort((a, b) => b.time - a.time).slice(0, SHOWN);
  }

  /**
   * Shows what has arrived; each second, not with each event.
   * @returns whether anything has
   */
  show(): boolean {
    const isNew = (event: FeedEvent) => !this.#events[event.kind].some(({ id }) => id === event.id);
    const arrived = this.#arrived.filter(isNew).reverse();
    this.#arrived = [];
    const latest = (kind: Kind) =>
      [...arrived.filter((event) => event.kind === kind), ...this.#events[kind]].slice(0, KEPT);
    this.#events = {
      join: latest('join'),
      leave: latest('leave'),
      refusal: latest('refusal'),
      removal: latest('removal'),
    };
    this.#rows.offer(this.#chosen());
    return arrived.length > 0;
  }

  #chosen(): readonly FeedEvent[] {
    const [, kinds = []] = CHOICES[Number(choice.value)] ?? [];
    const events = this.latest(kinds);
    none.hidden = events.length > 0;
    return events;
  }
}

function nothing(): Record<Kind, readonly FeedEvent[]> {
  return { join: [], leave: [], refusal: [], removal: [] };
}

function rowOf(event: FeedEvent): HTMLTableRowElement {
  const { time, kind, room, address, node } = event;
  const where = room === undefined ? [] : [make('a', { href: roomAddress(room) }, room)];
  return make(
    'tr',
    { class: kind },
    make('td', { class: 'nowrap' }, clock(time)),
    make('td', { class: 'name' }, ...whatHappened(event)),
    make('td', { class: 'name' }, ...where),
    make(
      'td',
      { class: 'small' },
      make('span', { class: 'nowrap' }, address),
      make('span', { class: 'muted' }, ` ${node}`),
    ),
  );
}

function whatHappened({ kind, streamName, code, reason, name, by }: FeedEvent): (Node | string)[] {
  const who = make('span', { class: 'name' }, streamName ?? 'Somebody');
  const parts: (Node | string)[] = [who, ' ', make('span', { class: 'what' }, WORDS[kind])];
  if (by !== undefined) parts.push(` by the ${by}`);
  const why = [code, name].filter((word) => word !== undefined).join(' ');
  if (kind === 'refusal')
    parts.push(make('p', { class: 'small muted' }, [why, reason].filter(Boolean).join(': ')));
  return parts;
}
