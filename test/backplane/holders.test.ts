/** What a room's replica knows of the nodes that hold its streams, and of those that hand theirs over. */
import { LamportClock } from '../../src/backplane/lamport-clock';
import type { Message } from '../../src/backplane/message';
import { RoomReplica } from '../../src/backplane/room-replica';

const newReplica = () => new RoomReplica(new LamportClock());
const rosterOf = (replica: RoomReplica) => replica.streams.map(({ name }) => name);
const listOf = (node: string, version: number, streams: Record<string, number>): Message => ({
  node,
  version,
  streams: new Map(Object.entries(streams)),
});

describe('of the other nodes is known', () => {
  test('how many streams only they hold, one left out or not', () => {
    const replica = newReplica();
    replica.join('anna');
    expect(replica.elsewhere(undefined)).toBe(0);
    replica.receive(listOf('x', 1, { anna: 1, ben: 2, cleo: 3 }));
    const counts = [undefined, 'ben', 'anna', 'nobody'].map((but) => replica.elsewhere(but));
    expect(counts).toEqual([2, 1, 2, 2]);
  });

  test('who holds anything here, and how often that has changed', () => {
    const replica = newReplica();
    replica.receive(listOf('x', 1, { anna: 1 }));
    replica.receive(listOf('y', 1, {}));
    expect(['x', 'y', 'z'].map((node) => replica.isHolder(node))).toEqual([true, false, false]);
    expect(replica.holders()).toEqual(['x']);
    expect(replica.revision).toBe(2);
    replica.receive(listOf('x', 1, {}));
    replica.receive({ node: 'x', version: 2, base: 1, changed: new Map(), left: ['anna'] });
    expect([replica.revision, replica.isHolder('x')]).toEqual([3, false]);
  });

  test('nothing for certain, where it is in doubt: then any version is taken', () => {
    const replica = newReplica();
    replica.receive(listOf('x', 9, { anna: 1 }));
    replica.doubt('nobody');
    replica.doubt('x');
    expect(rosterOf(replica)).toEqual(['anna']);
    expect(replica.receive(listOf('x', 3, { ben: 1 }))).toMatchObject({ news: 'new' });
    expect(rosterOf(replica)).toEqual(['ben']);
  });
});

describe('a place that several nodes know', () => {
  test.each([
    [3, 9],
    [9, 3],
  ])('is the earliest of stamps %d and %d, and moves nobody who has it already', (ofX, ofY) => {
    const replica = newReplica();
    replica.receive(listOf('x', 1, { anna: ofX }));
    replica.receive(listOf('y', 1, { anna: ofY, ben: 5 }));
    expect(rosterOf(replica)).toEqual(['anna', 'ben']);
    replica.join('anna');
    expect(replica.own.get('anna')).toBe(3);
    expect(replica.receive(listOf('z', 1, { anna: 3 }))).toMatchObject({
      ...{ rosterChanged: false, ownChanged: false },
    });
  });
});

describe('streams that are handed over', () => {
  const goodbye = (node: string, version: number, streams: Record<string, number>) => ({
    ...listOf(node, version, streams),
    grace: 5_000,
  });

  test('are held by whoever has them as well, and by those alone', () => {
    const replica = newReplica();
    replica.join('own');
    replica.receive(listOf('y', 1, { both: 11 }));
    replica.receive(listOf('x', 1, { own: 10, both: 11, left: 12 }));
    replica.receive(goodbye('x', 2, { own: 10, both: 11, left: 12 }));
    replica.leave('own');
    replica.receive(listOf('y', 2, {}));
    expect(rosterOf(replica)).toEqual(['left']);
  });

  test.each(['x', 'y'])('are not held by another node that hands them over: %s is over first', (first) => {
    const replica = newReplica();
    replica.receive(goodbye('y', 1, { anna: 1 }));
    replica.receive(goodbye('x', 2, { anna: 1 }));
    replica.forget(first);
    expect(rosterOf(replica)).toEqual(['anna']);
  });

  test('are not held by the list that the goodbye replaces', () => {
    const replica = newReplica();
    replica.receive(listOf('x', 1, { anna: 1 }));
    replica.receive(goodbye('x', 2, { anna: 1 }));
    expect(rosterOf(replica)).toEqual(['anna']);
  });

  test('are back with a whole list, with a delta, or here', () => {
    const replica = newReplica();
    replica.receive(listOf('y', 1, {}));
    replica.receive(goodbye('x', 1, { a: 1, b: 2, c: 3, d: 4 }));
    replica.join('a');
    replica.receive({ node: 'y', version: 2, base: 1, changed: new Map([['b', 2]]), left: [] });
    replica.receive(listOf('y', 3, { b: 2, c: 3 }));
    expect(rosterOf(replica)).toEqual(['a', 'b', 'c', 'd']);
    replica.leave('a');
    expect(replica.receive(listOf('y', 4, {}))).toMatchObject({ rosterChanged: true });
    expect(rosterOf(replica)).toEqual(['d']);
  });
});
