import fc from 'fast-check';
import { median, quantile } from '../../bench/statistics';

describe('quantiles', () => {
  test.each([
    { samples: [7], p: 0.99, value: 7 },
    { samples: [3, 1, 2], p: 0.5, value: 2 },
    { samples: [4, 1, 3, 2], p: 0.5, value: 2.5 },
    { samples: [10, 20, 30, 40, 50], p: 0.25, value: 20 },
    { samples: [0, 100], p: 0.99, value: 99 },
  ])('the $p quantile of $samples is $value', ({ samples, p, value }) => {
    expect(quantile(samples, p)).toBeCloseTo(value);
  });

  test('at least half of the samples stand on either side of the median', () => {
    const samples = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
    fc.assert(
      fc.property(samples, (values) => {
        const middle = median(values);
        expect(values.filter((value) => value <= middle).length).toBeGreaterThanOrEqual(values.length / 2);
        expect(values.filter((value) => value >= middle).length).toBeGreaterThanOrEqual(values.length / 2);
      }),
    );
  });

  test('do not sort the samples that they are given', () => {
    const samples = [3, 1, 2];
    median(samples);
    expect(samples).toEqual([3, 1, 2]);
  });

  test('of nothing there is none', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});
