/** Stands in for an application that takes webhooks: it puts together who is where, and notes what should not be. */
import { createHmac } from 'node:crypto';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export interface Heard {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: {
    readonly room: string;
    readonly seq: number;
    readonly streams: string[];
    readonly joined: string[];
    readonly left: string[];
    readonly [more: string]: unknown;
  };
}

export class Application {
  /** Each message once, in the order in which they came first. */
  readonly heard: Heard[] = [];
  /** Messages that came again. */
  repeated = 0;
  /** What breaks a promise of the documents. */
  readonly wrong: string[] = [];
  readonly #rooms = new Map<
    string,
    { seq: number; isOpen: boolean; streams: string[]; members: Set<string> }
  >();
  readonly #bodies = new Map<string, string>();
  readonly #key = Buffer.from(SECRET.replace('whsec_', ''), 'base64');
  readonly #waiting = new Set<() => void>();

  /** What it knows: the rooms that are open, and whom they list. */
  get rooms(): Record<string, string[]> {
    const open = [...this.#rooms].filter(([, { isOpen }]) => isOpen);
    return Object.fromEntries(open.map(([room, { streams }]) => [room, streams]));
  }

  types(): string[] {
    return this.heard.map(({ type }) => type);
  }

  /** Takes a message as a request brings it. */
  take(headers: Readonly<Record<string, unknown>>, body: string): void {
    const id = String(headers['webhook-id']);
    const content = `${id}.${headers['webhook-timestamp']}.${body}`;
    const signature = `v1,${createHmac('sha256', this.#key).update(content).digest('base64')}`;
    if (!String(headers['webhook-signature']).split(' ').includes(signature))
      this.wrong.push(`forged ${body}`);
    const before = this.#bodies.get(id);
    if (before !== undefined) {
      this.repeated++;
      if (before !== body) this.wrong.push(`${id} was ${before} and is ${body}`);
    } else {
      this.#bodies.set(id, body);
      const heard: Heard = { id, ...JSON.parse(body) };
      this.heard.push(heard);
      this.#note(heard);
    }
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** Waits until it knows or has heard something. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #note({ type, data: { room, seq, streams, joined, left } }: Heard): void {
    if (!['room.opened', 'roster.changed', 'room.empty'].includes(type)) return;
    const known = this.#rooms.get(room) ?? { seq: 0, isOpen: false, streams: [], members: new Set<string>() };
    this.#rooms.set(room, known);
    if (seq <= known.seq) this.wrong.push(`${room}: ${seq} after ${known.seq}`);
    if (known.isOpen === (type === 'room.opened'))
      this.wrong.push(`${room}: ${type}, and open: ${known.isOpen}`);
    known.seq = seq;
    if (type !== 'roster.changed') {
      known.isOpen = type === 'room.opened';
      if (known.streams.length > 0) this.wrong.push(`${room}: ${type} with ${known.streams}`);
      return;
    }
    for (const name of left) if (!known.members.delete(name)) this.wrong.push(`${room}: ${name} left twice`);
    for (const name of joined) known.members.add(name);
    if ([...known.members].sort().join() !== [...streams].sort().join())
      this.wrong.push(`${room}: ${[...known.members]} is not ${streams}`);
    known.streams = streams;
  }
}
