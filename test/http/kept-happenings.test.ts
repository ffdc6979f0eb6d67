import { KeptHappenings } from '../../src/http/kept-happenings';
import type { Happening } from '../../src/http/shapes';

function start() {
  const kept = new KeptHappenings();
  const add = (kind: Happening['kind'], room: string, times = 1) => {
    for (let n = 0; n < times; n++) {
      kept.add({ id: `${kept.last + 1}`, time: 0, kind, room, address: '192.0.2.1', node: 'node0000' });
    }
  };
  const ids = (happenings: readonly Happening[]) => happenings.map(({ id }) => Number(id));
  return { kept, add, ids };
}

test('whoever comes after a storm of joins still gets the refusal and the removal from before it', () => {
  const { kept, add } = start();
  add('refusal', 'quiet');
  add('removal', 'quiet');
  add('join', 'busy', 600);
  const kinds = kept.latest(undefined).map(({ kind }) => kind);
  expect(kinds).toEqual(['refusal', 'removal', ...Array(100).fill('join')]);
});

test('a quiet room has its latest, however busy the others are', () => {
  const { kept, add, ids } = start();
  add('join', 'quiet');
  add('join', 'busy', 400);
  add('leave', 'quiet');
  expect(ids(kept.latest('quiet'))).toEqual([1, 402]);
});

test('a slow reader gets what is still there, in order', () => {
  const { kept, add, ids } = start();
  add('join', 'room', 3);
  add('refusal', 'room');
  add('leave', 'room');
  expect(ids(kept.after(2))).toEqual([3, 4, 5]);
  add('join', 'room', 600);
  const after = ids(kept.after(2));
  expect([after.length, after.at(0), after.at(1), after.at(-1)]).toEqual([501, 4, 106, 605]);
});
