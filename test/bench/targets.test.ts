import type { CaseResult, Results } from '../../bench/results';
import type { Sample } from '../../bench/scenario';
import { judge } from '../../bench/targets';

function resultsOf(key: string, host: Sample[], plainWs: Sample[]): Results {
  const samples: CaseResult['samples'] = { host, 'plain-ws': plainWs };
  return {
    startedAt: '2020-01-01T00:00:00.000Z',
    quick: false,
    machine: { cpu: 'none', cores: 1, memory: 1, system: 'none', node: 'v0', packages: {} },
    cases: [{ key, scenario: 'storm', title: key, measures: [], samples }],
    remarks: [],
  };
}

const verdict = (results: Results, title: string) =>
  judge(results).find((one) => one.title.startsWith(title));

describe('the targets', () => {
  test.each([
    { cpu: 0.1, passed: true },
    { cpu: 0.11, passed: false },
  ])('a storm that costs the host $cpu of the plain server passes: $passed', ({ cpu, passed }) => {
    const results = resultsOf('storm-1000', [{ cpu }], [{ cpu: 1 }]);
    expect(verdict(results, 'storm of 1,000')?.passed).toBe(passed);
  });

  test.each([
    { p99: 6.2, passed: true },
    { p99: 6.3, passed: false },
  ])('a latency of $p99 ms where the plain server has 5 ms passes: $passed', ({ p99, passed }) => {
    const results = resultsOf('latency', [{ p99 }], [{ p99: 5 }]);
    expect(verdict(results, 'join to seen in quiet rooms of 10, p99')?.passed).toBe(passed);
  });

  test.each([
    { key: 'cluster-backplane', sample: { cpu: 100 }, bar: '≤ 100 µs', measured: '100 µs', passed: true },
    { key: 'cluster-backplane', sample: { cpu: 101 }, bar: '≤ 100 µs', measured: '101 µs', passed: false },
    { key: 'cluster-backplane', sample: { redis: 15.1 }, bar: '≤ 15 µs', measured: '15.1 µs', passed: false },
    { key: 'cluster-storm', sample: { published: 300 }, bar: '≤ 300', measured: '300', passed: true },
    { key: 'cluster-storm', sample: { published: 301 }, bar: '≤ 300', measured: '301', passed: false },
    { key: 'cluster-idle', sample: { cpu: 4.99 }, bar: '< 5 %', measured: '4.99 %', passed: true },
    { key: 'cluster-idle', sample: { cpu: 5 }, bar: '< 5 %', measured: '5.00 %', passed: false },
  ])('of $key, $measured held against $bar passes: $passed', ({ key, sample, ...verdict }) => {
    const judged = judge(resultsOf(key, [sample], [])).filter(({ measured }) => measured !== undefined);
    expect(judged).toMatchObject([verdict]);
  });

  test('each round of the host is held against the same round of the plain server', () => {
    const host = [{ cpu: 0.01 }, { cpu: 0.4 }, { cpu: 9 }];
    const results = resultsOf('storm-1000', host, [{ cpu: 1 }, { cpu: 2 }, { cpu: 3 }]);
    expect(verdict(results, 'storm of 1,000')).toMatchObject({ measured: '0.200×', passed: false });
  });

  test('a round that the peer failed is left out, one that the host failed is a miss', () => {
    const [good, bad] = [{ cpu: 0.05 }, {}];
    const theirs = resultsOf('storm-1000', [good, good], [bad, { cpu: 1 }]);
    expect(verdict(theirs, 'storm of 1,000')).toMatchObject({ measured: '0.050×', passed: true });
    const ours = resultsOf('storm-1000', [good, bad], [{ cpu: 1 }, { cpu: 1 }]);
    expect(verdict(ours, 'storm of 1,000')).toMatchObject({
      measured: 'failed in 1 of 2 rounds',
      passed: false,
    });
  });

  test('what was not measured neither passes nor misses', () => {
    const results = resultsOf('storm-1000', [{ cpu: 1 }], []);
    expect(judge(results).filter(({ passed }) => passed !== undefined)).toEqual([]);
  });
});
