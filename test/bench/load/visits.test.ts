import { witnessOf } from '../../../bench/load/visits';

describe('who sees a newcomer', () => {
  const [first, second, elsewhere] = [{ port: 1 }, { port: 1 }, { port: 2 }];

  test('is a member of another node, which must be told first', () => {
    expect(witnessOf({ port: 1 }, [first, second, elsewhere])).toBe(elsewhere);
  });

  test('is any member where there is one node', () => {
    expect(witnessOf({ port: 1 }, [first, second])).toBe(first);
  });

  test('is nobody in an empty room', () => {
    expect(() => witnessOf({ port: 1 }, [])).toThrow('the room is empty');
  });
});
