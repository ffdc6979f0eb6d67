import { EventEmitter } from 'node:events';
import type { ConferenceEvents } from '../../src/events';
import { Happenings } from '../../src/http/happenings';
import { Ring } from '../../src/http/ring';

function start() {
  const events = new EventEmitter<ConferenceEvents>();
  const happenings = new Happenings(events, 'node0000');
  const join = (id: number, room = 'room') =>
    events.emit('joined', { id, room, streamName: `guest ${id}`, address: '192.0.2.1', since: 0 }, 1);
  const refuse = () =>
    events.emit('refused', { name: 'too_fast', code: 429, reason: '', address: '192.0.2.9' });
  return { happenings, join, refuse };
}

afterEach(() => {
  jest.useRealTimers();
});

test('whoever comes for the first time gets the latest hundred, and then what is new', () => {
  const { happenings, join } = start();
  for (let id = 1; id <= 250; id++) join(id);
  const first = happenings.since(undefined);
  expect([first.happenings.length, first.skipped, first.last]).toEqual([100, 0, 250]);
  expect(first.happenings.map(({ member }) => member).at(0)).toBe('node0000-151');
  expect(happenings.since(first.last)).toEqual({ last: 250, skipped: 0, happenings: [] });
  join(251);
  expect(happenings.since(first.last).happenings).toMatchObject([{ kind: 'join', member: 'node0000-251' }]);
});

test('of too many, the latest are told, and the rest is counted', () => {
  const { happenings, join } = start();
  for (let id = 1; id <= 141; id++) join(id);
  const told = happenings.since(1);
  expect([told.happenings.length, told.skipped, told.last]).toEqual([100, 40, 141]);
  const ids = told.happenings.map(({ id }) => id);
  expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => `node0000-h${index + 42}`));
});

test('a storm of joins hides no refusal', () => {
  const { happenings, join, refuse } = start();
  for (let id = 0; id < 3; id++) refuse();
  for (let id = 1; id <= 150; id++) join(id);
  const first = happenings.since(undefined).happenings;
  expect(first.map(({ kind }) => kind)).toEqual([...Array(3).fill('refusal'), ...Array(100).fill('join')]);
  expect(happenings.since(0)).toMatchObject({ skipped: 50, last: 153 });
});

test('a flood of refusals does not push out who came and went', () => {
  const { happenings, join, refuse } = start();
  join(1);
  for (let n = 0; n < 20_000; n++) refuse();
  expect(happenings.recent('room')).toMatchObject([{ kind: 'join', streamName: 'guest 1' }]);
});

test('a room shows the last hour, at most two hundred, the newest first', () => {
  jest.useFakeTimers({ now: 0 });
  const { happenings, join } = start();
  join(1);
  jest.setSystemTime(3_600_001);
  join(2, 'other');
  for (let id = 3; id <= 4; id++) join(id);
  expect(happenings.recent('room').map(({ streamName }) => streamName)).toEqual(['guest 4', 'guest 3']);
  for (let id = 5; id <= 500; id++) join(id);
  const recent = happenings.recent('room');
  expect([recent.length, recent.at(0)?.streamName]).toEqual([200, 'guest 500']);
});

test('a ring keeps the newest', () => {
  const ring = new Ring<number>(3);
  expect([...ring.newest()]).toEqual([]);
  for (let n = 1; n <= 5; n++) {
    ring.add(n);
    expect([...ring.newest()]).toEqual([n, n - 1, n - 2].filter((kept) => kept > 0));
  }
  expect([...ring.newest(2)]).toEqual([5, 4]);
});
