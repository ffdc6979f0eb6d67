/** Who is in the rooms of a demo, over a long time. */
import { Cast, NAMES, ROOMS } from '../../src/demo/cast';
import { SeededRandom } from '../helpers/random';

const most = ROOMS.reduce((sum, room) => sum + room.most, 0);

/** Plays so many moves, and checks after each that it makes sense. @returns who is in which room then */
function play(cast: Cast, moves: number, rooms = new Map<string, Set<string>>()) {
  for (let move = 0; move < moves; move++) {
    const { kind, room, name } = cast.next();
    const members = rooms.get(room) ?? new Set();
    const isPresent = [...rooms.values()].some((others) => others.has(name));
    expect([name, kind, isPresent]).toEqual([name, kind, kind === 'leaves']);
    if (kind === 'joins') members.add(name);
    else expect(members.delete(name)).toBe(true);
    rooms.set(room, members);
  }
  return rooms;
}

test('no two names are alike, and there are more than all rooms hold', () => {
  const letters = NAMES.map((name) => name.normalize('NFD').replace(/\W/g, '').toLowerCase());
  expect(new Set(letters).size).toBe(NAMES.length);
  expect(NAMES.length).toBeGreaterThan(most);
});

test.each([1, 2, 3])('with seed %d rooms are filled first, and then neither empty nor overfull', (seed) => {
  const random = new SeededRandom(seed);
  const cast = new Cast(() => random.next());
  const rooms = new Map<string, Set<string>>();
  while (!cast.isComplete) play(cast, 1, rooms);
  expect(ROOMS.map(({ name }) => rooms.get(name)?.size)).toEqual(ROOMS.map(({ least }) => least));
  const seen = new Map(ROOMS.map(({ name }) => [name, new Set<number>()]));
  for (let round = 0; round < 500; round++) {
    play(cast, 1, rooms);
    for (const [name, members] of rooms) seen.get(name)?.add(members.size);
  }
  for (const { name, least, most } of ROOMS) {
    const sizes = [...(seen.get(name) ?? [])];
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([least, most]);
  }
});

test('who is lost makes way, and may come back', () => {
  const random = new SeededRandom(4);
  const cast = new Cast(() => random.next());
  while (!cast.isComplete) cast.next();
  for (const name of NAMES) cast.lose(name);
  expect(cast.isComplete).toBe(false);
  const rooms = new Map<string, Set<string>>();
  while (!cast.isComplete) play(cast, 1, rooms);
  expect(rooms.size).toBe(ROOMS.length);
});
