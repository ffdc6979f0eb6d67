/** What a node says of its own list, and when. */
import { KeyRefusal } from '../../src/backplane/connection';
import { newList, released, settled } from '../helpers/own-list';

describe('what has changed', () => {
  test('takes until it has come back, since its oldest change; an earlier message, or none, says nothing', async () => {
    const { clock, list, seen, connection, join } = newList();
    list.cameBack(0);
    clock.advance(100);
    await join('anna');
    clock.advance(30);
    await join('ben');
    clock.advance(10);
    list.release(connection);
    await settled();
    clock.advance(5);
    list.cameBack(0);
    expect(seen.propagated).toEqual([]);
    for (let time = 0; time < 2; time++) list.cameBack(1);
    expect([seen.propagated, seen.published]).toEqual([[45], [1]]);
    await join('cleo');
    clock.advance(7);
    list.cameBack(2);
    expect(seen.propagated).toEqual([45, 7]);
    expect(list.lastChangeAt).toBe(145);
    list.sayAgain();
    await settled();
    clock.advance(3);
    list.cameBack(3);
    expect(seen.propagated).toEqual([45, 7, 3]);
  });

  test('is not waited for any more where the connection is lost', async () => {
    const { list, seen } = await released();
    list.hold();
    list.cameBack(1);
    expect(seen.propagated).toEqual([]);
  });

  test('is told whole over a new connection, and after that by what has changed', async () => {
    const { list, join, what, newConnection } = await released();
    for (const name of ['ben', 'cleo', 'dora', 'emil']) await join(name);
    expect(what()).toEqual(['store', 'append', 'append', 'append', 'append']);
    list.hold();
    list.release(newConnection());
    await settled();
    list.sayAgain();
    await settled();
    expect(what()).toEqual(['store', 'store']);
  });

  test('ends the connection where it cannot be said, unless Redis refuses the key', async () => {
    const { list, events, reply, join, connection } = await released();
    reply.error = new KeyRefusal(['k'], 'WRONGTYPE');
    await join('ben');
    expect(events).toEqual(['refused k']);
    reply.error = new Error('gone');
    list.release(connection);
    await settled();
    expect(events).toEqual(['refused k', 'destroyed: gone']);
    expect(list.idle).toBe(false);
  });

  test('to nobody is told as such, once it is in Redis', async () => {
    const { list, events, streams } = await released();
    streams.delete('anna');
    list.changed();
    expect(events).toEqual([]);
    await settled();
    expect(events).toEqual(['empty']);
  });
});

test('a list costs a pause that grows with its length', async () => {
  const { clock, streams, list, connection, what, join } = newList();
  for (let index = 0; index < 256; index++) streams.set(`${index}`.padEnd(122, 'x'), 1);
  list.release(connection);
  await settled();
  list.sayAgain();
  clock.advance(9);
  await settled();
  expect(what()).toEqual(['store']);
  clock.advance(3);
  await settled();
  expect(what()).toEqual(['store']);
  for (const name of ['anna', 'ben', 'cleo']) await join(name);
  expect(what()).toEqual([]);
});

describe('a version that the node has not sent', () => {
  test.each([
    [1, false, []],
    [2, true, [2]],
    [1_000, true, [1_000]],
    [1_001, true, []],
  ])('%d is denied: %j', async (version, isDenied, seenVersions) => {
    const { list, seen, what } = await released();
    what();
    expect(list.denies(version)).toBe(isDenied);
    await settled();
    expect([seen.versions, what()]).toEqual([seenVersions, isDenied ? ['store'] : []]);
  });
});
