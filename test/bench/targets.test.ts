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
    { key: 'stall', sample: { p99: 61 }, bar: '≤ 60 ms', measured: '61.0 ms', passed: false },
    { key: 'stall', sample: { telling: 40 }, bar: '≤ 40 %', measured: '40.0 %', passed: true },
    { key: 'many-rooms', sample: { p99: 60 }, bar: '≤ 60 ms', measured: '60.0 ms', passed: true },
    { key: 'tls-storm-1500', sample: { peak: 251 }, bar: '≤ 250 MB', measured: '251 MB', passed: false },
    { key: 'tls-slow-peer', sample: { growth: 40 }, bar: '< 40 MB', measured: '40.0 MB', passed: false },
    { key: 'quiet-5000', sample: { cpu: 1.5 }, bar: '≤ 1.5 %', measured: '1.50 %', passed: true },
  ])('of $key, $measured held against $bar passes: $passed', ({ key, sample, ...verdict }) => {
    const judged = judge(resultsOf(key, [sample], [])).filter(({ measured }) => measured !== undefined);
    expect(judged).toMatchObject([verdict]);
  });

  test.each([
    { perSocket: 7.5, cpu: 4.875, memory: '1.25×', share: '1.25×', passed: true },
    { perSocket: 7.6, cpu: 5, memory: '1.27×', share: '1.28×', passed: false },
  ])('what each of many sockets takes is held against each of few: $memory, $share', (many) => {
    const { perSocket, cpu, memory, share, passed } = many;
    const few = resultsOf('quiet-5000', [{ perSocket: 6, cpu: 1 }], []);
    const results = resultsOf('sockets-19500', [{ perSocket, cpu }], []);
    const both = { ...results, cases: [...few.cases, ...results.cases] };
    const judged = judge(both).filter(({ title }) => title.startsWith('19,500'));
    expect(judged).toMatchObject([
      { measured: memory, passed },
      { measured: share, passed },
    ]);
    expect(judge(results).filter(({ measured }) => measured !== undefined)).toEqual([]);
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
