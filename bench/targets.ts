/** The bars that the host must take, and whether it did. */
import { threeDigits, times, withUnit } from './report/numbers';
import { type CaseResult, caseOf, medianOf, type Results, ratioTo } from './results';

export interface Verdict {
  readonly title: string;
  readonly bar: string;
  /** Undefined where this run did not measure it. */
  readonly measured: string | undefined;
  readonly passed: boolean | undefined;
}

interface Finding {
  readonly measured: string;
  readonly passed: boolean;
}

interface Target {
  readonly title: string;
  readonly bar: string;
  /** The case in which the host is measured. */
  readonly key: string;
  /** Undefined where something that it compares was not measured. */
  readonly find: (result: CaseResult, results: Results) => Finding | undefined;
}

const targets: readonly Target[] = [
  timesPlain('storm of 1,000: CPU', 'storm-1000', 'cpu', { atMost: 0.1 }),
  {
    title: 'storm of 5,000 against 1,000: own CPU',
    bar: '≤ 5×',
    key: 'storm-5000',
    find: (result, results) => {
      const smaller = caseOf(results, 'storm-1000');
      return compare(own(result, 'cpu'), smaller && own(smaller, 'cpu'), (large, small) => ({
        measured: times(large / small),
        passed: large <= 5 * small,
      }));
    },
  },
  timesPlain('exodus of 1,000: CPU', 'exodus-1000', 'cpu', { atMost: 0.083 }),
  timesPlain('churn in a room of 1,000: per CPU second', 'churn-1000', 'perCpuSecond', { atLeast: 15 }),
  timesPlain('churn in rooms of 10: per CPU second (the aim: 1.3×)', 'churn-10', 'perCpuSecond', {
    atLeast: 1.15,
  }),
  timesPlain('churn in rooms of 2: per CPU second', 'churn-2', 'perCpuSecond', { atLeast: 1 }),
  timesPlain('memory per idle socket', 'idle-5000', 'perSocket', { atMost: 0.65 }),
  latency('p50', 1.1, 0.1),
  latency('p99', 1.15, 0.5),
  alone('one of 250 never reads: memory growth', 'slow-peer', 'growth', { under: 40 }, 'MB'),
  {
    title: 'one of 250 never reads: join to seen by all, p50',
    bar: '≤ 1.25× of before',
    key: 'slow-peer',
    find: (result) =>
      compare(own(result, 'during'), own(result, 'before'), (during, before) => ({
        measured: times(during / before),
        passed: during <= 1.25 * before,
      })),
  },
  timesPlain('join to seen by all in a quiet room of 250, p50', 'join-250', 'p50', { atMost: 1.2 }),
  alone(
    'a change in a room of 1,000, conference.2: bytes',
    'changes-1000',
    'changesBytes',
    { atMost: 100 },
    '',
  ),
  {
    title: 'a change in a room of 1,000, conference.2: CPU a member',
    bar: '≤ 0.5× of rosters',
    key: 'changes-1000',
    find: (result) =>
      compare(own(result, 'changesCpu'), own(result, 'rosterCpu'), (changes, rosters) => ({
        measured: times(changes / rosters),
        passed: changes <= 0.5 * rosters,
      })),
  },
  alone('a room of 4,900: join into another, p99', 'stall', 'p99', { atMost: 60 }, 'ms'),
  alone('a room of 4,900: time spent telling', 'stall', 'telling', { atMost: 40 }, '%'),
  alone('20 rooms of 250: join into another, p99', 'many-rooms', 'p99', { atMost: 60 }, 'ms'),
  alone('storm of 1,500 over TLS: resident memory', 'tls-storm-1500', 'peak', { atMost: 250 }, 'MB'),
  alone('one of 250 over TLS never reads: memory growth', 'tls-slow-peer', 'growth', { under: 40 }, 'MB'),
  alone('5,000 quiet sockets: share of a core', 'quiet-5000', 'cpu', { atMost: 1.5 }, '%'),
  proportional('memory per socket', 'perSocket', (value) => value),
  proportional('share of a core per socket', 'cpu', (value, sockets) => value / sockets),
  {
    title: 'webhooks: join to seen, p99',
    bar: '≤ 1.1× of without',
    key: 'webhooks-on',
    find: (result, results) => {
      const off = caseOf(results, 'webhooks-off');
      return compare(own(result, 'p99'), off && own(off, 'p99'), (on, without) => ({
        measured: times(on / without),
        passed: on <= 1.1 * without,
      }));
    },
  },
  alone('webhooks: join to told, p50', 'webhooks-on', 'told', { atMost: 10 }, 'ms'),
  alone('start to listening', 'start', 'start', { under: 0.3 }, 's'),
  alone('resident memory after the start', 'start', 'memory', { under: 75 }, 'MB'),
  {
    title: 'rooms of 10 over 3 nodes, routed by room: visits a CPU second',
    bar: '≥ 0.8× of one node',
    key: 'cluster-3-routed',
    find: (result, results) => {
      const alone = caseOf(results, 'cluster-1');
      return compare(alone && own(alone, 'cpu'), own(result, 'cpu'), (one, three) => ({
        measured: times(one / three),
        passed: one >= 0.8 * three,
      }));
    },
  },
  alone('backplanes of 3 nodes: CPU of all a change', 'cluster-backplane', 'cpu', { atMost: 100 }, 'µs'),
  alone('backplanes of 3 nodes: CPU of Redis a change', 'cluster-backplane', 'redis', { atMost: 15 }, 'µs'),
  alone('storm of 1,000 over 2 nodes: lists sent', 'cluster-storm', 'published', { atMost: 300 }, ''),
  alone('20,000 idle rooms: share of a core', 'cluster-idle', 'cpu', { under: 5 }, '%'),
];

/** A target whose case the host failed is missed, whatever its other rounds say. */
export function judge(results: Results): Verdict[] {
  return targets.map(({ title, bar, key, find }) => {
    const result = caseOf(results, key);
    const finding = result && (failure(result) ?? find(result, results));
    return { title, bar, measured: finding?.measured, passed: finding?.passed };
  });
}

function failure({ samples }: CaseResult): Finding | undefined {
  const rounds = samples.host ?? [];
  const failed = rounds.filter((sample) => Object.keys(sample).length === 0).length;
  return failed === 0
    ? undefined
    : { measured: `failed in ${failed} of ${rounds.length} rounds`, passed: false };
}

type Bar = { readonly atMost: number } | { readonly atLeast: number };

/** The host's figure as so many times the plain server's. */
function timesPlain(title: string, key: string, measure: string, bar: Bar): Target {
  return {
    title,
    bar: 'atMost' in bar ? `≤ ${bar.atMost}×` : `≥ ${bar.atLeast}×`,
    key,
    find: (result) => {
      const ratio = ratioTo(result, 'plain-ws', measure);
      if (ratio === undefined) return undefined;
      return { measured: times(ratio), passed: 'atMost' in bar ? ratio <= bar.atMost : ratio >= bar.atLeast };
    },
  };
}

/** The bar rises with the plain server's figure, and by so many milliseconds. */
function latency(measure: string, ratio: number, slack: number): Target {
  return {
    title: `join to seen in quiet rooms of 10, ${measure}`,
    bar: `≤ ${ratio}× + ${slack} ms`,
    key: 'latency',
    find: (result) =>
      compare(own(result, measure), medianOf(result, 'plain-ws', measure), (host, plain) => ({
        measured: `${threeDigits(host)} ms against ${threeDigits(plain)} ms`,
        passed: host <= ratio * plain + slack,
      })),
  };
}

type Limit = { readonly under: number } | { readonly atMost: number };

/** A bar that needs no peer. */
function alone(title: string, key: string, measure: string, limit: Limit, unit: string): Target {
  const [sign, most] = 'under' in limit ? ['<', limit.under] : ['≤', limit.atMost];
  return {
    title,
    bar: `${sign} ${most} ${unit}`.trimEnd(),
    key,
    find: (result) => {
      const value = own(result, measure);
      if (value === undefined) return undefined;
      return { measured: withUnit(value, unit), passed: 'under' in limit ? value < most : value <= most };
    },
  };
}

/** What each of 19,500 sockets takes, as so many times what each of 5,000 does. */
function proportional(
  title: string,
  measure: string,
  perSocket: (value: number, sockets: number) => number,
): Target {
  return {
    title: `19,500 quiet sockets against 5,000: ${title}`,
    bar: '≤ 1.25×',
    key: 'sockets-19500',
    find: (result, results) => {
      const fewer = caseOf(results, 'quiet-5000');
      return compare(own(result, measure), fewer && own(fewer, measure), (many, few) => {
        const ratio = perSocket(many, 19_500) / perSocket(few, 5000);
        return { measured: times(ratio), passed: ratio <= 1.25 };
      });
    },
  };
}

function own(result: CaseResult, measure: string): number | undefined {
  return medianOf(result, 'host', measure);
}

function compare(
  value: number | undefined,
  base: number | undefined,
  find: (value: number, base: number) => Finding,
): Finding | undefined {
  return value === undefined || base === undefined ? undefined : find(value, base);
}
