import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ListedMember } from '../../src/http/parts';
import { removeAll } from '../../src/http/removal';

const REMOVAL = { code: 4403, reason: 'removed' };

/** Members of which each takes so many milliseconds to be closed. */
function crowd(size: number, milliseconds: number) {
  const closed: number[] = [];
  const close = (index: number) => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
    closed.push(index);
  };
  const members = Array.from(
    { length: size },
    (_, index) => ({ close: () => close(index) }) as unknown as ListedMember,
  );
  return { members, closed };
}

test('a few are out of their rooms when the call returns', () => {
  const { members, closed } = crowd(3, 0);
  void removeAll(members, REMOVAL);
  expect(closed).toEqual([0, 1, 2]);
});

test('however long each of a crowd takes, others have their turn in between', async () => {
  const { members, closed } = crowd(8, 6);
  const done = removeAll(members, REMOVAL);
  const seen = [closed.length];
  while (closed.length < members.length) {
    await nextTurn();
    seen.push(closed.length);
  }
  await done;
  expect(new Set(seen)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
});
