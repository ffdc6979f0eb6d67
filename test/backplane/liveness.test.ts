import { Liveness } from '../../src/backplane/liveness';
import type { NodeFacts } from '../../src/backplane/node-facts';

const EXPIRY = 10;
const facts = {
  startedAt: 0,
  machine: 'm',
  rooms: 0,
  streams: 0,
  version: '',
  formats: { oldest: 1, newest: 2 },
  synced: true,
  addresses: '',
};
const living = (...nodes: string[]) => new Map(nodes.map((node) => [node, undefined]));
const dead = (liveness: Liveness, living: ReadonlyMap<string, undefined>, now: number) =>
  liveness.refreshed(living, now).map(({ node }) => node);

describe('a node is dead', () => {
  test('when it is absent, has been silent for its expiry, and the link has been live for as long', () => {
    const liveness = new Liveness(EXPIRY);
    liveness.startAnew(0);
    expect(dead(liveness, living('x'), 0)).toEqual([]);
    expect(dead(liveness, living(), 9)).toEqual([]);
    expect(dead(liveness, living(), 10)).toEqual(['x']);
    expect(liveness.knows('x')).toBe(false);
  });

  test('not while it is listed, however silent it is', () => {
    const liveness = new Liveness(EXPIRY);
    liveness.startAnew(0);
    expect(dead(liveness, living('x'), 0)).toEqual([]);
    expect(dead(liveness, living('x'), 1000)).toEqual([]);
  });

  test('not while its messages come, though Redis has lost it from the set', () => {
    const liveness = new Liveness(EXPIRY);
    liveness.startAnew(0);
    liveness.refreshed(living('x'), 0);
    liveness.heard('x', 8);
    expect(dead(liveness, living(), 12)).toEqual([]);
    expect(dead(liveness, living(), 18)).toEqual(['x']);
  });

  test('not soon after the link came back: an empty Redis does not bury the living', () => {
    const liveness = new Liveness(EXPIRY);
    liveness.startAnew(0);
    liveness.refreshed(living('x'), 0);
    liveness.linkLost();
    expect(dead(liveness, living(), 500)).toEqual([]);
    liveness.startAnew(500);
    expect(dead(liveness, living(), 509)).toEqual([]);
    expect(dead(liveness, living(), 510)).toEqual(['x']);
  });

  test('and alive again as soon as it is listed; what comes in the name of one who is not, makes nobody live', () => {
    const liveness = new Liveness(EXPIRY);
    liveness.startAnew(0);
    liveness.refreshed(living('x', 'y'), 0);
    expect(dead(liveness, living(), 20)).toEqual(['x', 'y']);
    liveness.heard('x', 21);
    liveness.refreshed(living('y'), 21);
    expect([liveness.knows('x'), liveness.knows('y')]).toEqual([false, true]);
  });
});

test('while a link is still synced nobody dies, though Redis turns out to be empty', () => {
  const liveness = new Liveness(EXPIRY);
  liveness.startAnew(0);
  liveness.refreshed(living('x'), 0);
  liveness.linkLost();
  liveness.dataLost(5);
  expect(dead(liveness, living(), 90)).toEqual([]);
});

describe('a node that says that it stops', () => {
  const stopping = (grace: number) => {
    const liveness = new Liveness(EXPIRY);
    liveness.startAnew(0);
    liveness.refreshed(living('x'), 0);
    liveness.leaves('x', grace, 1);
    return liveness;
  };

  test('is waited for until Redis says that its time is over, and where it never does, not for ever', () => {
    const liveness = stopping(5);
    expect(dead(liveness, living('x'), 15)).toEqual([]);
    expect(dead(liveness, living('x'), 16)).toEqual(['x']);
  });

  test('is given up as soon as Redis has dropped it, unless Redis may have lost it', () => {
    expect(dead(stopping(5), living(), 3)).toEqual(['x']);
    const emptied = stopping(5);
    emptied.dataLost(2);
    expect(dead(emptied, living(), 3)).toEqual([]);
    expect(dead(emptied, living(), 6)).toEqual([]);
    expect(dead(emptied, living(), 7)).toEqual(['x']);
  });

  test('is given up so, also where it said so in the moment in which the link came', () => {
    const liveness = new Liveness(EXPIRY);
    liveness.startAnew(1);
    liveness.refreshed(living('x'), 1);
    liveness.leaves('x', 5, 1);
    expect(dead(liveness, living(), 2)).toEqual(['x']);
  });

  test('cannot have its time again by saying so again', () => {
    const liveness = stopping(5);
    liveness.leaves('x', 50, 4);
    expect(dead(liveness, living('x'), 16)).toEqual(['x']);
  });

  test('is not given up while the link is lost, nor before there was time to hear who is back elsewhere', () => {
    const liveness = stopping(5);
    liveness.linkLost();
    expect(dead(liveness, living(), 50)).toEqual([]);
    liveness.startAnew(60);
    expect(dead(liveness, living(), 64)).toEqual([]);
    expect(dead(liveness, living(), 65)).toEqual(['x']);
  });
});

describe('a node has settled', () => {
  test('when it has been listed without a break for twice the expiry', () => {
    const liveness = new Liveness(EXPIRY);
    liveness.startAnew(0);
    liveness.refreshed(living('x'), 5);
    expect(liveness.hasSettled('x', 24)).toBe(false);
    expect(liveness.hasSettled('x', 25)).toBe(true);
    liveness.refreshed(living(), 26);
    liveness.refreshed(living('x'), 27);
    expect(liveness.hasSettled('x', 46)).toBe(false);
  });

  test('only once it has said that Redis has all that it holds', () => {
    const liveness = new Liveness(EXPIRY);
    const syncing = (synced: boolean) => new Map([['x', { ...facts, synced }]]);
    liveness.startAnew(0);
    liveness.refreshed(syncing(false), 0);
    expect(liveness.hasSettled('x', 90)).toBe(false);
    liveness.refreshed(syncing(true), 90);
    expect([liveness.hasSettled('x', 109), liveness.hasSettled('x', 110)]).toEqual([false, true]);
    liveness.refreshed(syncing(false), 120);
    expect(liveness.hasSettled('x', 120)).toBe(false);
  });

  test('not while Redis may have lost its data lately, and never where it is unknown', () => {
    const liveness = new Liveness(EXPIRY);
    liveness.startAnew(0);
    liveness.refreshed(living('x'), 0);
    liveness.startAnew(30);
    expect(liveness.hasSettled('x', 49)).toBe(false);
    expect(liveness.hasSettled('x', 50)).toBe(true);
    liveness.linkLost();
    expect(liveness.hasSettled('x', 90)).toBe(false);
    expect(liveness.hasSettled('y', 90)).toBe(false);
  });
});

test('who has never been heard of is given the time to be listed; who is known already, no more than that', () => {
  const liveness = new Liveness(EXPIRY);
  liveness.startAnew(0);
  liveness.refreshed(living('y'), 0);
  liveness.expect('x', 5);
  liveness.expect('y', 5);
  expect(liveness.knows('x')).toBe(true);
  expect([...liveness.nodes()]).toEqual([
    { id: 'y', listed: true, facts: undefined },
    { id: 'x', listed: false, facts: undefined },
  ]);
  expect(dead(liveness, living(), 10)).toEqual(['y']);
  expect(dead(liveness, living(), 14)).toEqual([]);
  expect(dead(liveness, living(), 15)).toEqual(['x']);
  expect([...liveness.nodes()]).toEqual([]);
});

test('that a node stops is heard from its facts where no message has said so, and counts from then on', () => {
  const liveness = new Liveness(EXPIRY);
  liveness.startAnew(0);
  liveness.refreshed(living('x', 'y'), 0);
  const stopping = new Map([['x', { ...facts, grace: 5 }], ...living('y')]);
  expect(liveness.refreshed(stopping, 2)).toEqual([]);
  expect(liveness.refreshed(living('x', 'y'), 6)).toEqual([]);
  expect(liveness.refreshed(living(), 10)).toEqual([
    { node: 'x', hasSaidSo: true },
    { node: 'y', hasSaidSo: false },
  ]);
});

test('a node whose facts do not say so any more goes on; one that has said so in a message does not', () => {
  const liveness = new Liveness(EXPIRY);
  liveness.startAnew(0);
  const say = (ofX: NodeFacts, now: number) =>
    liveness.refreshed(
      new Map([
        ['x', ofX],
        ['y', facts],
      ]),
      now,
    );
  say({ ...facts, grace: 5 }, 0);
  liveness.leaves('y', 5, 0);
  expect(say(facts, 2)).toEqual([]);
  expect(say(facts, 50)).toEqual([{ node: 'y', hasSaidSo: true }]);
});

test('facts that were heard are kept where no newer ones come', () => {
  const liveness = new Liveness(EXPIRY);
  liveness.refreshed(new Map([['x', facts]]), 0);
  liveness.refreshed(living('x'), 1);
  liveness.refreshed(living(), 2);
  expect([...liveness.nodes()]).toEqual([{ id: 'x', listed: false, facts }]);
});

test('who goes on telling what it holds does not stop, whoever has said so; of strangers nothing is noted', () => {
  const liveness = new Liveness(EXPIRY);
  liveness.startAnew(0);
  liveness.refreshed(living('x'), 0);
  liveness.leaves('x', 5, 1);
  liveness.stays('x');
  expect(dead(liveness, living('x'), 50)).toEqual([]);
  liveness.stays('nobody');
  liveness.leaves('nobody', 5, 50);
  liveness.heard('nobody', 50);
  expect(liveness.knows('nobody')).toBe(false);
});

test('when Redis has lost its data last is remembered, also while the link is not live', () => {
  const liveness = new Liveness(EXPIRY);
  expect(liveness.dataLostAt).toBe(-Infinity);
  liveness.dataLost(7);
  expect(liveness.dataLostAt).toBe(7);
  liveness.refreshed(living('x'), 7);
  expect(liveness.hasSettled('x', 1_000)).toBe(false);
  liveness.startAnew(10);
  liveness.dataLost(40);
  expect([liveness.hasSettled('x', 59), liveness.hasSettled('x', 60)]).toEqual([false, true]);
});
