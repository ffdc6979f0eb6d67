/** The streams of a room, in the order of the roster; an operator removes one. */
import type { RoomDetails } from '../../shapes';
import { button, byId, make, setText } from '../dom';
import { count } from '../format';
import { KeyedRows } from './keyed-rows';
import { holderInWords } from './media';

/** Streams that are spelled out. */
const SHOWN = 200;

const more = byId('roster-more', HTMLElement);
const hint = byId('roster-hint', HTMLElement);
const showAll = byId('roster-show', HTMLButtonElement);

interface Stream {
  readonly name: string;
  /** Where a media server is asked. */
  readonly holder: NonNullable<RoomDetails['media']>[number] | undefined;
}

export class Roster {
  readonly #onRemove: (stream: string, isPublished: boolean) => void;
  /** Those of the newest roster that are published, as far as the media server says. */
  #published: ReadonlySet<string> = new Set();
  readonly #rows = new KeyedRows<Stream, HTMLLIElement>(
    byId('roster', HTMLElement),
    { keyOf: ({ name }) => name, create: ({ name }) => this.#newItem(name), fill: fillItem },
    (waits) => {
      setText(hint, waits ? 'Newer ones wait' : '');
      showAll.hidden = !waits;
    },
  );

  /** @param onRemove told which stream an operator wants to remove */
  constructor(onRemove: (stream: string, isPublished: boolean) => void) {
    this.#onRemove = onRemove;
    showAll.addEventListener('click', () => this.#rows.showWaiting());
  }

  clear(): void {
    this.#rows.show([]);
  }

  /** Shows it as soon as the streams may move. */
  offer({ streams, media }: Pick<RoomDetails, 'streams' | 'media'>): void {
    const all: readonly Stream[] =
      media?.map((holder) => ({ name: holder.stream, holder })) ??
      streams.map((name) => ({ name, holder: undefined }));
    const published = all.filter(({ holder }) => holder !== undefined && holder.heldBy !== 'socket');
    this.#published = new Set(published.map(({ name }) => name));
    this.#rows.offer(all.slice(0, SHOWN));
    setText(more, all.length > SHOWN ? `and ${count(all.length - SHOWN)} more` : '');
    byId('no-roster', HTMLElement).hidden = all.length > 0;
  }

  #newItem(name: string): HTMLLIElement {
    const remove = button('Remove', 'compact removes', () => this.#onRemove(name, this.#published.has(name)));
    remove.setAttribute('aria-label', `Remove the stream ${name}`);
    const words = make('span', { class: 'muted small holder' });
    const item = make('div', {}, make('p', { class: 'name' }, name, ' ', words), remove);
    return make('li', {}, item);
  }
}

function fillItem(item: HTMLLIElement, { holder }: Stream): void {
  const words = item.querySelector<HTMLElement>('.holder');
  if (words) setText(words, holder === undefined ? '' : holderInWords(holder));
}
