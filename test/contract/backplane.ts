/** What every backplane must do, whatever carries it. */
import type { Backplane } from '../../src/conference/backplane';
import { encodeName } from '../../src/conference/protocol';
import type { RosterStream } from '../../src/conference/rooms';

/** A node of the backplane under test, with the members that it would have. */
export class ContractNode {
  readonly backplane: Backplane;
  /** Rooms that the backplane has said to have changed, in order. */
  readonly told: string[] = [];
  readonly #local = new Map<string, Map<string, RosterStream>>();
  #onTold: () => void = () => {};

  constructor(backplane: Backplane) {
    this.backplane = backplane;
  }

  async start(): Promise<this> {
    await this.backplane.start((room) => {
      this.told.push(room);
      this.onTold(room);
      this.#onTold();
    });
    return this;
  }

  /** For tests that look at every change. */
  onTold(_room: string): void {}

  join(room: string, ...names: string[]): void {
    const streams = this.#local.get(room) ?? new Map<string, RosterStream>();
    this.#local.set(room, streams);
    for (const name of names) {
      const stream = { name, encoded: encodeName(name) };
      streams.set(name, stream);
      this.backplane.streamJoined(room, stream);
    }
  }

  leave(room: string, name: string): void {
    const stream = this.#local.get(room)?.get(name);
    if (stream === undefined) throw new Error(`${name} is not in ${room}`);
    this.#local.get(room)?.delete(name);
    this.backplane.streamLeft(room, stream);
  }

  roster(room: string): string[] {
    const local = this.#local.get(room)?.values() ?? [];
    return Array.from(this.backplane.streams(room, local), ({ name }) => name);
  }

  /** Waits until the room is known and its roster is this one. */
  async until(room: string, ...names: string[]): Promise<void> {
    const wanted = JSON.stringify(names);
    await this.when(() => this.backplane.knows(room) && JSON.stringify(this.roster(room)) === wanted);
  }

  /** Waits until this holds; it is looked at whenever the backplane has said that a room has changed. */
  async when(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#onTold = resolve;
      });
      await new Promise(setImmediate);
    }
  }
}

/** Makes and starts a node; the suite's own hooks stop it. */
export type NewNode = () => Promise<ContractNode>;

/** What holds for one node alone, also where there can be no others. */
export function singleNodeContract(newNode: NewNode): void {
  test('the streams of a room are listed in the order in which they joined', async () => {
    const node = await newNode();
    node.join('room', 'zoe', 'anna', '__proto__', 'a "quoted" \u2028 name');
    await node.until('room', 'zoe', 'anna', '__proto__', 'a "quoted" \u2028 name');
    node.leave('room', 'anna');
    expect(node.roster('room')).toEqual(['zoe', '__proto__', 'a "quoted" \u2028 name']);
  });

  test('each stream brings its name as JSON, made by the rules of the wire', async () => {
    const node = await newNode();
    node.join('room', 'é"');
    const [stream] = node.backplane.streams('room', [{ name: 'é"', encoded: encodeName('é"') }]);
    expect(stream).toMatchObject({ name: 'é"', encoded: '"é\\""' });
  });

  test('a join counts at once, before anybody else has heard of it', async () => {
    const node = await newNode();
    node.join('room', 'anna');
    expect(node.roster('room')).toEqual(['anna']);
  });

  test('a room that nobody has joined is known, and has what the node itself has', async () => {
    const node = await newNode();
    expect(node.backplane.knows('elsewhere')).toBe(true);
    expect(node.roster('elsewhere')).toEqual([]);
  });

  test('a room becomes known soon, also where nobody else is in it', async () => {
    const node = await newNode();
    node.join('room', 'anna');
    await node.until('room', 'anna');
    expect(node.backplane.knows('room')).toBe(true);
  });

  test('its status can be read at any time, and it stops more than once', async () => {
    const node = await newNode();
    expect(['alone', 'connecting', 'live']).toContain(node.backplane.status().state);
    await node.backplane.stop();
    expect(node.backplane.status().counts.ignored).toBe(0);
    await node.backplane.stop();
  });
}

/** What holds for nodes that share their rooms. */
export function sharedContract(newNode: NewNode): void {
  test('what joins and leaves on one node is heard on the other, in the same order', async () => {
    const [a, b] = [await newNode(), await newNode()];
    a.join('room', 'anna');
    await a.until('room', 'anna');
    b.join('room', 'ben');
    await b.until('room', 'anna', 'ben');
    await a.until('room', 'anna', 'ben');
    a.join('room', 'cleo');
    await b.until('room', 'anna', 'ben', 'cleo');
    a.leave('room', 'anna');
    await b.until('room', 'ben', 'cleo');
    await a.until('room', 'ben', 'cleo');
  });

  test('a room that is new to a node is first known with all that it holds elsewhere', async () => {
    const [a, other] = [await newNode(), await newNode()];
    a.join('room', 'anna', 'ben');
    await a.until('room', 'anna', 'ben');
    await onceShared(a, other);
    const b = await newNode();
    b.join('room', 'cleo');
    await b.when(() => b.backplane.knows('room'));
    expect(b.roster('room')).toEqual(['anna', 'ben', 'cleo']);
    await a.until('room', 'anna', 'ben', 'cleo');
  });

  test('a name held on two nodes is one stream, and keeps its place until its last holder leaves', async () => {
    const [a, b] = [await newNode(), await newNode()];
    a.join('room', 'anna', 'ben');
    await a.until('room', 'anna', 'ben');
    await onceShared(a, b);
    b.join('room', 'anna', 'cleo');
    await a.until('room', 'anna', 'ben', 'cleo');
    a.leave('room', 'anna');
    a.join('room', 'dora');
    await b.until('room', 'anna', 'ben', 'cleo', 'dora');
    expect(a.roster('room')).toEqual(['anna', 'ben', 'cleo', 'dora']);
    b.leave('room', 'anna');
    await a.until('room', 'ben', 'cleo', 'dora');
  });

  test('what only others hold in a room is counted', async () => {
    const [a, b] = [await newNode(), await newNode()];
    a.join('room', 'anna', 'ben');
    await a.until('room', 'anna', 'ben');
    expect(a.backplane.elsewhere('room')).toBe(0);
    await onceShared(a, b);
    b.join('room', 'ben', 'cleo');
    await a.until('room', 'anna', 'ben', 'cleo');
    await b.until('room', 'anna', 'ben', 'cleo');
    expect([a.backplane.elsewhere('room'), b.backplane.elsewhere('room')]).toEqual([1, 1]);
    const but = (name: string) => a.backplane.elsewhere('room', name);
    expect(['cleo', 'ben', 'anna', 'nobody'].map(but)).toEqual([0, 1, 1, 1]);
  });

  test('rooms do not mix, whatever they are called', async () => {
    const [a, b] = [await newNode(), await newNode()];
    const rooms = [
      'room',
      'Room',
      '}x',
      '{}',
      '{a}b',
      ' ',
      'é',
      'x'.repeat(256),
      '__proto__',
      'h.x',
      'nodes',
    ];
    for (const room of rooms) a.join(room, `in ${room}`);
    for (const room of rooms) b.join(room, 'ben');
    for (const room of rooms) {
      await Promise.all([a, b].map((node) => node.when(() => node.roster(room).length > 1)));
      expect(a.roster(room)).toEqual(b.roster(room));
      expect(new Set(a.roster(room))).toEqual(new Set([`in ${room}`, 'ben']));
    }
  });

  test('three nodes at once agree on the order', async () => {
    const nodes = [await newNode(), await newNode(), await newNode()];
    for (let i = 0; i < 30; i++) nodes[i % 3]?.join('room', `stream ${i}`);
    await Promise.all(nodes.map((node) => node.when(() => node.roster('room').length === 30)));
    const [first, ...others] = nodes.map((node) => node.roster('room'));
    for (const other of others) expect(other).toEqual(first);
    expect(new Set(first).size).toBe(30);
  });

  test('a node that stops takes its streams with it, and only those', async () => {
    const [a, b] = [await newNode(), await newNode()];
    a.join('room', 'anna', 'ben');
    await a.until('room', 'anna', 'ben');
    await onceShared(a, b);
    b.join('room', 'ben', 'cleo');
    await a.until('room', 'anna', 'ben', 'cleo');
    await a.backplane.stop();
    await b.until('room', 'ben', 'cleo');
  });
}

/** What `from` holds has reached Redis, or whatever carries it: a room of its own has come across. */
async function onceShared(from: ContractNode, to: ContractNode): Promise<void> {
  const room = `probe ${from.told.length} ${to.told.length}`;
  to.join(room, 'to');
  await to.until(room, 'to');
  from.join(room, 'from');
  await to.until(room, 'to', 'from');
}
