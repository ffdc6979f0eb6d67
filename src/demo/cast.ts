/** Who is in which room of the demo, and who comes or goes next. Pure, but for the chance that it is given. */

export interface Move {
  readonly kind: 'joins' | 'leaves';
  readonly room: string;
  readonly name: string;
}

interface DemoRoom {
  readonly name: string;
  readonly least: number;
  readonly most: number;
}

/** From a talk of two to a lecture. */
export const ROOMS: readonly DemoRoom[] = [
  { name: 'red5', least: 2, most: 4 },
  { name: 'stand-up', least: 3, most: 6 },
  { name: 'town hall', least: 8, most: 14 },
];

/** More than all rooms hold, so that a name that is free can always be found. No two are easily taken for each other. */
export const NAMES: readonly string[] = `
  Amara Björn Camille Dmitri Elif Farid Greta Hiroshi Ines Jamal Kwame Leilani Mateo Nadia Olu Priya Quentin Rosa
  Soren Tariq Uma Viktor Wanjiru Xavier Yusuf Zofia Bella Chidi Fiona Hugo Kaito Lucia Milan Noor Paola Ruth
`
  .trim()
  .split(/\s+/);

export class Cast {
  readonly #random: () => number;
  /** Name to room. */
  readonly #present = new Map<string, string>();

  /** @param random like `Math.random` */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Somebody joins a room that has too few; otherwise anybody joins or leaves. */
  next(): Move {
    const needy = ROOMS.find((room) => this.#members(room).length < room.least);
    const room = needy ?? this.#pick(ROOMS);
    const members = this.#members(room);
    const isFull = members.length >= room.most;
    const isEmpty = members.length <= room.least;
    const leaves = isFull || (!isEmpty && this.#random() < 0.5);
    return leaves ? this.#leave(room, this.#pick(members)) : this.#join(room);
  }

  /** Whether every room has as many as it needs at least. */
  get isComplete(): boolean {
    return ROOMS.every((room) => this.#members(room).length >= room.least);
  }

  /** Somebody is gone without a move: the host has refused or removed the name. */
  lose(name: string): void {
    this.#present.delete(name);
  }

  #join(room: DemoRoom): Move {
    const name = this.#pick(NAMES.filter((one) => !this.#present.has(one)));
    this.#present.set(name, room.name);
    return { kind: 'joins', room: room.name, name };
  }

  #leave(room: DemoRoom, name: string): Move {
    this.#present.delete(name);
    return { kind: 'leaves', room: room.name, name };
  }

  #members({ name }: DemoRoom): string[] {
    return [...this.#present].filter(([, room]) => room === name).map(([member]) => member);
  }

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#random() * choices.length)];
    if (choice === undefined) throw new Error('there is nothing to choose from');
    return choice;
  }
}
