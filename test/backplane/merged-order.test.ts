import fc from 'fast-check';
import { MergedOrder } from '../../src/backplane/merged-order';

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__', 'é');
const placing = fc.tuple(name, fc.option(fc.nat(5), { nil: undefined }));

describe('the merged order', () => {
  test('is what sorting by stamp, then by name, would give, after any changes', () => {
    fc.assert(
      fc.property(fc.array(placing), (placings) => {
        const order = new MergedOrder();
        const model = new Map<string, number>();
        for (const [name, stamp] of placings) {
          const before = order.streams.map((stream) => stream.name);
          const changed = order.place(name, stamp);
          if (stamp === undefined) model.delete(name);
          else model.set(name, stamp);
          const sorted = [...model].sort(([a, s], [b, t]) => s - t || (a < b ? -1 : 1)).map(([name]) => name);
          expect(order.streams.map((stream) => stream.name)).toEqual(sorted);
          expect(order.has(name)).toBe(model.has(name));
          expect(changed).toBe(JSON.stringify(before) !== JSON.stringify(sorted));
        }
      }),
    );
  });

  test('a name is encoded once, and keeps its encoding when it moves', () => {
    const order = new MergedOrder();
    order.place('é"', 5);
    order.place('ben', 7);
    order.place('é"', 9);
    expect(order.streams.map(({ encoded }) => encoded)).toEqual(['"ben"', '"é\\""']);
  });
});
