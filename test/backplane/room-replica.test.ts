import fc from 'fast-check';
import { LamportClock } from '../../src/backplane/lamport-clock';
import type { Delta, Message } from '../../src/backplane/message';
import { RoomReplica } from '../../src/backplane/room-replica';

const newReplica = () => new RoomReplica(new LamportClock());
const rosterOf = (replica: RoomReplica) => replica.streams.map(({ name }) => name);
const listOf = (node: string, version: number, streams: Record<string, number>): Message => ({
  node,
  version,
  streams: new Map(Object.entries(streams)),
});

describe('the lists of other nodes', () => {
  const streams = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(9));
  const list = fc.record({ node: fc.constantFrom('x', 'y', 'z'), version: fc.nat(20), streams });
  const lists = fc.uniqueArray(list, { selector: ({ node, version }) => `${node} ${version}` });

  test('give the same roster in any order and with any repetition', () => {
    const shuffledTwice = lists.chain((once) => {
      const repeated = fc.tuple(fc.constant(once), fc.subarray(once)).map((parts) => parts.flat());
      const shuffled = repeated.chain((all) =>
        fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
      );
      return fc.tuple(shuffled, shuffled);
    });
    fc.assert(
      fc.property(shuffledTwice, (orders) => {
        const [first, second] = orders.map((received) => {
          const replica = newReplica();
          for (const { node, version, streams } of received) replica.receive(listOf(node, version, streams));
          return rosterOf(replica);
        });
        expect(second).toEqual(first);
      }),
    );
  });

  test('say whether they have changed the roster', () => {
    fc.assert(
      fc.property(lists, (received) => {
        const replica = newReplica();
        replica.join('a');
        for (const { node, version, streams } of received) {
          const before = rosterOf(replica);
          const { rosterChanged } = replica.receive(listOf(node, version, streams));
          if (!rosterChanged) expect(rosterOf(replica)).toEqual(before);
        }
      }),
    );
  });

  test('a list that is not newer changes nothing', () => {
    const replica = newReplica();
    replica.receive(listOf('x', 2, { anna: 1 }));
    expect(replica.receive(listOf('x', 2, {}))).toMatchObject({ news: 'old', rosterChanged: false });
    expect(replica.receive(listOf('x', 1, { ben: 1 }))).toMatchObject({ news: 'old', rosterChanged: false });
    expect(rosterOf(replica)).toEqual(['anna']);
  });
});

describe('what has changed of a list', () => {
  const delta = (
    version: number,
    base: number,
    changed: Record<string, number>,
    ...left: string[]
  ): Delta => ({
    ...{ node: 'x', version, base, left },
    changed: new Map(Object.entries(changed)),
  });

  test('makes the next version of the one that it is about', () => {
    const replica = newReplica();
    replica.receive(listOf('x', 1, { anna: 1, ben: 2 }));
    expect(replica.receive(delta(4, 1, { cleo: 3, ben: 4 }, 'anna'))).toMatchObject({
      news: 'new',
      rosterChanged: true,
    });
    expect(rosterOf(replica)).toEqual(['cleo', 'ben']);
    expect(replica.versionOf('x')).toBe(4);
    replica.receive(delta(5, 4, {}, 'cleo', 'ben'));
    expect(rosterOf(replica)).toEqual([]);
    expect(replica.holders()).toEqual([]);
  });

  test('changes nothing where another version is known, or none, or it is known already', () => {
    const replica = newReplica();
    expect(replica.receive(delta(4, 1, { cleo: 3 }))).toMatchObject({ news: 'gap' });
    replica.receive(listOf('x', 2, { anna: 1 }));
    expect(replica.receive(delta(4, 1, { cleo: 3 }, 'anna'))).toMatchObject({ news: 'gap' });
    expect(replica.receive(delta(4, 3, { cleo: 3 }, 'anna'))).toMatchObject({ news: 'gap' });
    expect(replica.receive(delta(2, 1, { cleo: 3 }, 'anna'))).toMatchObject({ news: 'old' });
    expect(rosterOf(replica)).toEqual(['anna']);
    expect(replica.versionOf('x')).toBe(2);
    expect(replica.receive(delta(3, 2, { cleo: 3 }))).toMatchObject({ news: 'new' });
  });

  test('does not harm the message that the list came in', () => {
    const replica = newReplica();
    const list = listOf('x', 1, { anna: 1 });
    replica.receive(list);
    replica.receive(delta(2, 1, {}, 'anna'));
    expect(list).toEqual(listOf('x', 1, { anna: 1 }));
  });

  test('of a node that hands its streams over is not taken: they would be held again', () => {
    const replica = newReplica();
    replica.receive({ ...listOf('x', 1, { anna: 1 }), grace: 5_000 });
    expect(replica.receive(delta(2, 1, { cleo: 3 }))).toMatchObject({ news: 'gap' });
  });
});

describe('the own list', () => {
  test('knows what has changed since it was told', () => {
    const { own } = newReplica();
    own.set('anna', 1).set('ben', 2);
    expect(own.takeChanges()).toEqual({
      changed: new Map([
        ['anna', 1],
        ['ben', 2],
      ]),
      left: [],
    });
    own.set('ben', 2);
    expect(own.changes).toBe(0);
    own.set('cleo', 3).set('ben', 1);
    own.delete('anna');
    own.delete('nobody');
    own.set('dora', 4).delete('dora');
    expect(own.changes).toBe(4);
    expect(own.takeChanges()).toEqual({
      changed: new Map([
        ['cleo', 3],
        ['ben', 1],
      ]),
      left: ['anna', 'dora'],
    });
    expect(own.takeChanges()).toEqual({ changed: new Map(), left: [] });
  });
});

describe('nodes that tell each other their lists', () => {
  const step = fc.record({
    node: fc.nat(2),
    action: fc.constantFrom('join' as const, 'leave' as const, 'tell' as const),
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    to: fc.nat(2),
  });

  test('agree on the truth once they have told each other, whatever was lost before', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const replicas = [newReplica(), newReplica(), newReplica()];
        let version = 0;
        const tell = (from: number, to: number) => {
          version++;
          const streams = new Map(replicas[from]?.own);
          return from !== to && replicas[to]?.receive({ node: `${from}`, version, streams });
        };
        for (const { node, action, name, to } of steps) {
          const replica = replicas[node];
          if (action === 'tell') tell(node, to);
          else if (action === 'leave') replica?.leave(name);
          else if (!replica?.own.has(name)) replica?.join(name);
        }
        for (let isNews = true; isNews; ) {
          isNews = false;
          for (const from of [0, 1, 2]) {
            for (const to of [0, 1, 2]) {
              const received = tell(from, to);
              if (received && (received.rosterChanged || received.ownChanged)) isNews = true;
            }
          }
        }
        const truth = new Set(replicas.flatMap((replica) => [...replica.own.keys()]));
        const [first = [], ...others] = replicas.map(rosterOf);
        expect(new Set(first)).toEqual(truth);
        for (const other of others) expect(other).toEqual(first);
      }),
    );
  });
});

describe('a place in the roster', () => {
  test('is kept by whoever takes the stream over', () => {
    const replica = newReplica();
    replica.receive(listOf('x', 1, { anna: 1, ben: 2 }));
    replica.join('anna');
    replica.receive(listOf('x', 2, { ben: 2 }));
    expect(rosterOf(replica)).toEqual(['anna', 'ben']);
  });

  test('is the earliest among the holders, also where two nodes took it at once', () => {
    const replica = newReplica();
    replica.receive(listOf('x', 1, { zoe: 8 }));
    replica.join('anna');
    expect(replica.receive(listOf('x', 2, { zoe: 8, anna: 3 }))).toMatchObject({
      rosterChanged: true,
      ownChanged: true,
    });
    replica.receive(listOf('x', 3, { zoe: 8 }));
    expect(rosterOf(replica)).toEqual(['anna', 'zoe']);
  });

  test('of those who joined before the room was read is behind those who were there', () => {
    const replica = newReplica();
    replica.join('ben');
    replica.join('anna');
    replica.receive(listOf('x', 1, { zoe: 40, ben: 41 }));
    replica.restampOwn();
    replica.join('cleo');
    expect(rosterOf(replica)).toEqual(['zoe', 'ben', 'anna', 'cleo']);
  });

  test('of those is the one in which they joined, and nothing is stamped anew where nobody was there', () => {
    const replica = newReplica();
    replica.join('ben');
    replica.join('anna');
    expect(replica.restampOwn()).toBe(false);
    expect([...replica.own]).toEqual([
      ['ben', 1],
      ['anna', 2],
    ]);
    replica.receive(listOf('x', 1, { anna: 0, zoe: 40 }));
    replica.receive(listOf('x', 2, { zoe: 40 }));
    expect(replica.restampOwn()).toBe(true);
    expect(rosterOf(replica)).toEqual(['zoe', 'anna', 'ben']);
  });

  test('of a dead node is given up, except where another holds the stream', () => {
    const replica = newReplica();
    replica.receive(listOf('x', 1, { anna: 1, ben: 2 }));
    replica.receive(listOf('y', 1, { ben: 5 }));
    expect(replica.forget('x')).toBe(true);
    expect(rosterOf(replica)).toEqual(['ben']);
    expect(replica.forget('x')).toBe(false);
  });
});
