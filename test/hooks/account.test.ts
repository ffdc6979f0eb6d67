/** What an application is told of a room, event by event. */
import { confirmed, messageOf, newId, UNKNOWN, withEvent } from '../../src/hooks/account';

/** Milliseconds since the epoch. */
const NOW = 1_764_000_000_000;
const next = (after: number) => after + 5;
const told = (...lists: (readonly string[])[]) => {
  let account = UNKNOWN;
  for (const streams of lists) account = confirmed(withEvent(account, streams, NOW, next));
  return account;
};

test('a room opens with its first list, which is told next, and is told empty in two steps', () => {
  let account = UNKNOWN;
  const types = Array.from({ length: 6 }, (_, step) => {
    account = withEvent(account, step < 3 ? ['anna'] : [], NOW, next);
    const { event } = account;
    account = confirmed(account);
    return event?.type;
  });
  expect(types).toEqual([
    'room.opened',
    'roster.changed',
    undefined,
    'roster.changed',
    'room.empty',
    undefined,
  ]);
  expect(account).toEqual({ seq: 20, isOpen: false, streams: [] });
});

test('nothing is told of a room that was never open, and none of its numbers is taken', () => {
  expect(withEvent(UNKNOWN, [], NOW, next)).toBe(UNKNOWN);
  expect(confirmed(UNKNOWN)).toBe(UNKNOWN);
});

test('an event stays as it was made until it is confirmed, whatever has changed meanwhile', () => {
  const account = withEvent(UNKNOWN, ['anna'], NOW, next);
  expect(account).toEqual({
    ...{ seq: 5, isOpen: false, streams: [] },
    event: {
      id: expect.stringMatching(/^msg_[\da-f-]{36}$/),
      type: 'room.opened',
      seq: 5,
      time: NOW,
      streams: ['anna'],
    },
  });
  expect(withEvent(account, [], NOW + 1, next)).toBe(account);
});

test.each([
  ['the same', ['a', 'b'], undefined],
  ['in another order', ['b', 'a'], 'roster.changed'],
  ['longer', ['a', 'b', 'c'], 'roster.changed'],
  ['shorter', ['a'], 'roster.changed'],
])('a list that is %s is told where it is another one', (_what, streams, type) => {
  expect(withEvent(told(['a'], ['a', 'b']), streams, NOW, next).event?.type).toBe(type);
});

test('a list is told whole, with what has changed; other events have only room and number', () => {
  const account = withEvent(told(['a'], ['a', 'b']), ['b', 'c'], NOW, next);
  const { event } = account;
  if (event === undefined) throw new Error('there is no event');
  expect(messageOf('salon', event, account.streams)).toEqual({
    id: event.id,
    body: `{"type":"roster.changed","timestamp":"2025-11-24T16:00:00.000Z","data":{"room":"salon","seq":15,"streams":["b","c"],"joined":["c"],"left":["a"]}}`,
  });
  const empty = messageOf('salon', { ...event, type: 'room.empty' }, []);
  expect(JSON.parse(empty.body).data).toEqual({ room: 'salon', seq: 15 });
  expect(newId()).not.toBe(newId());
});
