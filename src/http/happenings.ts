/** What has happened on this node: joins, leaves, refusals and removals, as many as fit. */
import type { Events, MemberFacts } from '../events';
import { memberId } from './cluster/member-id';
import type { AnswerOf } from './cluster/questions';
import { Ring } from './ring';
import type { Happening, Visit } from './shapes';

/** Joins and leaves that are kept: about 2 MB. */
const KEPT_VISITS = 5_000;
/** Refusals and removals that are kept, so that a flood of joins leaves them be, and the other way round. */
const KEPT_OTHERS = 500;
/** Joins and leaves of each node in one answer, and as many refusals and removals. */
const MOST_TOLD = 100;
/** Joins and leaves of a room that are told, and for how many milliseconds. */
const MOST_RECENT = 200;
const RECENT = 3_600_000;

/** `number` counts what happens on this node, from 1. */
type Numbered = Happening & { readonly number: number };
type Told = Omit<Happening, 'id' | 'time' | 'node'>;

export class Happenings {
  readonly #node: string;
  readonly #visits = new Ring<Numbered>(KEPT_VISITS);
  readonly #others = new Ring<Numbered>(KEPT_OTHERS);
  #last = 0;

  /** @param node this node's name */
  constructor(events: Events, node: string) {
    this.#node = node;
    events.on('joined', (member) => this.#note(this.#visits, { kind: 'join', ...this.#who(member) }));
    events.on('left', (member, { code, reason }) => {
      this.#note(this.#visits, { kind: 'leave', ...this.#who(member), code, reason });
    });
    events.on('refused', ({ name, code, reason, address, room, streamName }) => {
      const asked = { ...(room !== undefined && { room }), ...(streamName !== undefined && { streamName }) };
      this.#note(this.#others, { kind: 'refusal', name, code, reason, address, ...asked });
    });
    events.on('operated', ({ method: _method, stream: streamName, ...operation }) => {
      this.#note(this.#others, { kind: 'removal', ...operation, streamName });
    });
    events.on('ordered', ({ address, room, order: reason, removed }) => {
      const where = room === undefined ? {} : { room };
      this.#note(this.#others, { kind: 'order', by: 'operator', address, reason, removed, ...where });
    });
  }

  /** @param after the number of the last one that is known, if any */
  since(after: unknown): AnswerOf<'news'> {
    const known = typeof after === 'number' ? after : 0;
    const happenings = [...this.#visits.newest(MOST_TOLD), ...this.#others.newest(MOST_TOLD)]
      .filter(({ number }) => number > known)
      .sort((a, b) => a.number - b.number);
    const skipped = typeof after === 'number' ? Math.max(0, this.#last - known - happenings.length) : 0;
    return { last: this.#last, skipped, happenings: happenings.map(withoutNumber) };
  }

  /** Who came and went in a room lately, the newest first. */
  recent(room: string): Visit[] {
    const recent: Visit[] = [];
    for (const visit of this.#visits.newest()) {
      if (recent.length === MOST_RECENT || visit.time < Date.now() - RECENT) break;
      if (visit.room === room) recent.push(visitOf(visit));
    }
    return recent;
  }

  #who({ id, room, streamName, address }: MemberFacts) {
    return { member: memberId(this.#node, id), room, streamName, address };
  }

  #note(ring: Ring<Numbered>, told: Told): void {
    this.#last++;
    const id = `${this.#node}-h${this.#last}`;
    ring.add({ id, number: this.#last, time: Date.now(), node: this.#node, ...told });
  }
}

/** The latest of several nodes, the newest first. */
export function latestVisits(visits: readonly (readonly Visit[])[]): Visit[] {
  const all = visits.flat().sort((a, b) => b.time - a.time);
  return all.slice(0, MOST_RECENT);
}

function withoutNumber({ number: _number, ...happening }: Numbered): Happening {
  return happening;
}

function visitOf({ time, kind, streamName = '', address, node }: Happening): Visit {
  return { time, kind: kind === 'join' ? 'join' : 'leave', streamName, address, node };
}
