/** Watches what every node lists, at every moment, and says what must not be. */
import type { Excuses, Scope } from './excuses';
import type { SimulatedNode } from './node';

/** Where somebody is, or is on the way back to. */
export interface Presence {
  readonly name: string;
  readonly room: string;
  /** The nodes that hold it, or that have sent it away to come back elsewhere. */
  readonly nodes: readonly string[];
}

export interface Limits {
  /** Milliseconds until a join is seen elsewhere. */
  readonly join: number;
  /** Milliseconds for which somebody may be listed who is not there. */
  readonly ghost: number;
}

interface Sighting {
  /** Seen since all was calm: from now on it must not be missing. */
  isEstablished: boolean;
  missingSince: number | undefined;
}

export class Witness {
  readonly #excuses: Excuses;
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #presences: () => Iterable<Presence>;
  /** By observer, room and name. */
  readonly #sightings = new Map<string, Sighting>();
  readonly #ghosts = new Map<string, number>();
  readonly #changedAt = new Map<string, number>();
  /** Where somebody has left: the node, and for how many milliseconds it may be listed still. */
  readonly #leftFrom = new Map<string, { readonly node: string; readonly limit: number }>();
  /** What must not be, and was: the first is enough. */
  violation: string | undefined;
  /** Of all that was listed, by whom and when: two runs of one seed have the same. */
  checksum = 0;
  readonly #noted = new Map<string, string>();
  #isOver = false;

  constructor(excuses: Excuses, limits: Limits, now: () => number, presences: () => Iterable<Presence>) {
    this.#excuses = excuses;
    this.#limits = limits;
    this.#now = now;
    this.#presences = presences;
  }

  /** Somebody has come, gone or moved: what was seen of it says nothing any more. */
  changed(name: string): void {
    this.#changedAt.set(name, this.#now());
    for (const [key, sighting] of this.#sightings) {
      if (!key.endsWith(` ${name}`)) continue;
      sighting.isEstablished = false;
      sighting.missingSince = undefined;
    }
  }

  /** Somebody has gone from a node. @param limit milliseconds for which it may be listed, where they are others */
  left(name: string, node: string, limit = this.#limits.ghost): void {
    this.changed(name);
    this.#leftFrom.set(name, { node, limit });
  }

  /** Somebody is back elsewhere, and must not have been missing meanwhile. */
  cameBack(name: string): void {
    this.#changedAt.set(name, this.#now());
  }

  /** Looks at what a node lists in a room now. */
  look(node: SimulatedNode, room: string): void {
    if (this.#isOver || node.ended || node.stopping !== undefined || node.clock.frozen) return;
    const roster = node.roster(room);
    const prefix = `${node.name} ${room}`;
    if (roster === undefined) {
      if (node.rooms.get(room) === undefined) this.#forget(prefix);
      return;
    }
    this.#note(prefix, roster.join());
    const listed = new Set(roster);
    if (listed.size !== roster.length) this.fail(`${node.name} lists a stream twice in ${room}: ${roster}`);
    const present = new Set<string>();
    for (const presence of this.#presences()) {
      if (presence.room !== room) continue;
      present.add(presence.name);
      this.#lookFor(node, presence, listed.has(presence.name), prefix);
    }
    for (const name of listed) this.#lookAtGhost(node, room, name, present.has(name), prefix);
    for (const key of this.#ghosts.keys()) {
      if (key.startsWith(`${prefix} `) && !listed.has(key.slice(prefix.length + 1))) this.#ghosts.delete(key);
    }
  }

  /** All nodes stop: what they list is of no interest any more. */
  close(): void {
    this.#isOver = true;
  }

  fail(what: string): void {
    this.violation ??= `after ${(this.#now() / 1000).toFixed(3)} s: ${what}`;
  }

  #note(prefix: string, roster: string): void {
    if (this.#noted.get(prefix) === roster) return;
    this.#noted.set(prefix, roster);
    const text = `${this.#now()} ${prefix} ${roster}`;
    let { checksum } = this;
    for (let at = 0; at < text.length; at++) checksum = (Math.imul(checksum, 31) + text.charCodeAt(at)) | 0;
    this.checksum = checksum;
  }

  #lookFor(node: SimulatedNode, { name, room, nodes }: Presence, isListed: boolean, prefix: string): void {
    const key = `${prefix} ${name}`;
    const sighting = this.#sightings.get(key) ?? { isEstablished: false, missingSince: undefined };
    this.#sightings.set(key, sighting);
    const now = this.#now();
    const scopes: Scope[] = [`room ${room}`, `node ${node.name}`, ...nodes.map((at): Scope => `node ${at}`)];
    const calmSince = Math.max(this.#excuses.until('changes', ...scopes), this.#changedAt.get(name) ?? 0);
    if (isListed) {
      sighting.missingSince = undefined;
      if (now > calmSince + this.#limits.join) sighting.isEstablished = true;
      return;
    }
    sighting.missingSince ??= now;
    if (sighting.isEstablished && now > this.#excuses.until('presence', ...scopes)) {
      this.fail(`${node.name} has unlisted ${name} in ${room}, who is there (${nodes})`);
      return;
    }
    const since = Math.max(sighting.missingSince, calmSince);
    if (now > since + this.#limits.join) {
      this.fail(`${node.name} does not list ${name} in ${room}, who is there (${nodes})`);
    }
  }

  #lookAtGhost(node: SimulatedNode, room: string, name: string, isPresent: boolean, prefix: string): void {
    const key = `${prefix} ${name}`;
    if (isPresent) {
      this.#ghosts.delete(key);
      return;
    }
    const now = this.#now();
    const seenAt = this.#ghosts.get(key) ?? now;
    this.#ghosts.set(key, seenAt);
    const { node: from = '', limit = this.#limits.ghost } = this.#leftFrom.get(name) ?? {};
    const scopes: Scope[] = [`room ${room}`, `node ${node.name}`, `node ${from}`];
    if (now > Math.max(seenAt, this.#excuses.until('ghosts', ...scopes)) + limit) {
      this.fail(`${node.name} lists ${name} in ${room}, who is not there`);
    }
  }

  #forget(prefix: string): void {
    for (const sightings of [this.#sightings, this.#ghosts]) {
      for (const key of sightings.keys()) if (key.startsWith(`${prefix} `)) sightings.delete(key);
    }
  }
}
