/** How a list is brought to Redis: whole, or by what has changed of it. */
import type { Connection } from '../../src/backplane/connection';
import { Keys } from '../../src/backplane/keys';
import { ListWriter } from '../../src/backplane/list-writer';
import { OwnStreams } from '../../src/backplane/own-streams';
import { APPEND } from '../../src/backplane/scripts';

/** A writer, and what it has asked: `+` with the delta, or the whole list and what is told in its place. */
function newWriter({ deltaFrom = 4, leastJournal = 1_000, format = 3 } = {}) {
  const streams = new OwnStreams();
  const asked: string[] = [];
  const reply = { store: 0, append: 1, error: undefined as Error | undefined };
  const connection: Connection = {
    lost: new Promise(() => {}),
    destroy: () => {},
    subscribe: async () => {},
    unsubscribe: async () => {},
    readHash: async () => ({}),
    run: async (script, _keys, args) => {
      if (reply.error !== undefined) throw reply.error;
      const isDelta = script === APPEND;
      asked.push(isDelta ? `+${args[2]}` : [args[1], ...args.slice(4)].join(' told by '));
      return isDelta ? reply.append : reply.store;
    },
    evictionPolicy: async () => undefined,
  };
  const writer = new ListWriter({
    ...{ self: 's', keys: new Keys('p').room('r'), streams, keptFor: 1_000 },
    sizes: { deltaFrom, leastJournal },
    format: () => format,
  });
  let version = 0;
  const write = async (...names: string[]) => {
    for (const name of names) streams.set(name, 1);
    const written = await writer.write(connection, ++version);
    return { asked: asked.splice(0), ...written };
  };
  return { streams, reply, writer, write };
}

const CROWD = Array.from({ length: 16 }, (_, index) => `n${index}`);

test('the first list is whole, and so are small ones; from its size on a list is told by what has changed', async () => {
  const { write, writer } = newWriter();
  expect(writer.version).toBe(0);
  expect((await write('a', 'b')).asked).toEqual(['[3,"s",1,[["a",1],["b",1]]]']);
  expect((await write('c')).asked[0]).toMatch(/^\[3,"s",2/);
  expect(await write('d')).toEqual({ asked: ['+[3,"s",3,2,[["d",1]],[]]'], isNew: false, length: 24 });
  expect(writer.version).toBe(3);
});

test('a list of which too much has changed at once is whole: more than one of four streams', async () => {
  const { write, streams } = newWriter();
  await write(...CROWD);
  expect((await write('a', 'b', 'c', 'd', 'e')).asked[0]).toMatch(/^\+/);
  for (const [count, start] of [
    [5, '+'],
    [6, '['],
  ] as const) {
    for (const name of CROWD.slice(0, count)) streams.set(name, count);
    expect((await write()).asked[0]?.[0]).toBe(start);
  }
});

test('a list of which nobody is left is whole, and so is one that a node of an older format reads', async () => {
  const { write, streams } = newWriter({ deltaFrom: 0 });
  expect((await write('a')).asked).toEqual(['[3,"s",1,[["a",1]]]']);
  streams.delete('a');
  expect((await write()).asked).toEqual(['[1,"s",2,[]]']);
  const old = newWriter({ deltaFrom: 0, format: 2 });
  await old.write('a', 'b');
  expect((await old.write('c')).asked[0]).toMatch(/^\[2,/);
});

test('a journal that would be longer than allowed is replaced by the whole list, and told by the delta', async () => {
  const delta = '[3,"s",2,1,[["d",1]],[]]'.length;
  const { write } = newWriter({ deltaFrom: 0, leastJournal: 2 * delta });
  await write('a', 'b', 'c');
  for (const name of ['d', 'e']) expect((await write(name)).asked[0]).toMatch(/^\+/);
  const third = await write('f');
  expect(third.asked).toEqual([expect.stringMatching(/^\[3,"s",4,\[\["a".* told by \[3,"s",4,3,\[\["f",1/)]);
  expect(third.length).toBe(delta);
  expect((await write('g')).asked[0]).toMatch(/^\+/);
});

test('a long list may have a journal of a quarter of its length', async () => {
  const { write, streams } = newWriter({ leastJournal: 0 });
  const { asked } = await write(...CROWD, 'x'.repeat(1_000));
  let journal = 0;
  for (let change = 0; ; change++) {
    streams.delete(`c${change - 1}`);
    const { asked: next, length } = await write(`c${change}`);
    if (next[0]?.startsWith('+') !== true) {
      expect(journal + length).toBeGreaterThan((asked[0]?.length ?? 0) / 4);
      break;
    }
    journal += length;
    expect(journal).toBeLessThanOrEqual((asked[0]?.length ?? 0) / 4);
  }
});

test('where Redis has another version of the list, it is told whole, and that Redis had none', async () => {
  const { write, reply } = newWriter({ deltaFrom: 0 });
  await write('a', 'b');
  Object.assign(reply, { append: 0, store: 1 });
  const { asked, isNew, length } = await write('c');
  expect(asked).toEqual([expect.stringMatching(/^\+/), '[3,"s",2,[["a",1],["b",1],["c",1]]]']);
  expect([isNew, length]).toEqual([true, asked[1]?.length]);
  reply.append = 1;
  expect((await write('d')).asked[0]).toMatch(/^\+/);
});

test('the next list is whole after an error, and where that is asked for', async () => {
  const { write, writer, reply } = newWriter({ deltaFrom: 0 });
  await write('a', 'b');
  reply.error = new Error('gone');
  await expect(write('c')).rejects.toThrow('gone');
  expect(writer.version).toBe(1);
  reply.error = undefined;
  expect((await write('d')).asked).toEqual(['[3,"s",3,[["a",1],["b",1],["c",1],["d",1]]]']);
  writer.startAnew();
  expect((await write('e')).asked[0]).toMatch(/^\[3/);
  expect((await write('f')).asked[0]).toMatch(/^\+/);
});
