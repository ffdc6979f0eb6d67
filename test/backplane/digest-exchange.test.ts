/** What nodes hear of each other's digests. */
import { defaultTiming } from '../../src/backplane/timing';
import { digest, exchanging } from '../helpers/reading-node';

describe('an exchange', () => {
  test('says what was sent lately, and hears what of it is not known here', async () => {
    const { digests, rooms, keys, redis, sent, connection } = exchanging(5);
    const asked: unknown[] = [];
    const { run } = connection;
    connection.run = (script, itsKeys, args) => {
      asked.push(itsKeys, args);
      return run(script, itsKeys, args);
    };
    sent.add('r0', 7, 0);
    for (const [name, version] of [
      ['r1', 4],
      ['r2', 5],
      ['r3', 6],
    ] as const)
      rooms.get(name)?.receive({ node: 'x', version, streams: new Map() });
    redis.exchange = ['x', digest(0, 9, { r1: 5, r2: 5, r3: 5, r4: 1, elsewhere: 9 }), 'y', 'nonsense', 'z'];
    const { differing, isIncomplete } = await digests.run(connection, 0);
    expect([...differing].map(({ name }) => name)).toEqual(['r1', 'r4']);
    expect(isIncomplete).toBe(false);
    expect(asked).toEqual([
      [keys.digests, keys.living],
      ['self', digest(0, 7, { r0: 7 }), String(defaultTiming.reread)],
    ]);
  });

  test.each([
    [[digest(0, 5)], false],
    [[digest(1, 5)], true],
    [[digest(0, 5), digest(5, 9)], false],
    [[digest(0, 5), digest(6, 9)], true],
    [[digest(0, 5), undefined, digest(5, 9)], true],
    [['nonsense'], false],
  ])('of %j lacks something in the end: %j', async (texts, lacks) => {
    const { digests, redis, connection } = exchanging(0);
    let isIncomplete = false;
    for (const text of texts) {
      redis.exchange = text === undefined ? [] : ['x', text];
      ({ isIncomplete } = await digests.run(connection, 0));
    }
    expect(isIncomplete).toBe(lacks);
  });

  test('is over where Redis answers something else', async () => {
    const { digests, connection } = exchanging(1);
    connection.run = async () => null;
    expect(await digests.run(connection, 0)).toEqual({ differing: new Set(), isIncomplete: false });
  });
});
