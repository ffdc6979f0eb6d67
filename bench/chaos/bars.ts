/** What a run must reach, and how it is told. */
import type { Stall } from './server';

/** What a run has measured. */
export interface Figures {
  readonly seed: number;
  /** Of the whole run. */
  readonly seconds: number;
  /** Deaths, uncaught errors and lines on stderr, word for word. */
  readonly troubles: readonly string[];
  /** Rosters that differed from the truth, and well-behaved clients that were dropped: the first of each. */
  readonly complaints: readonly string[];
  /** Lists that were compared with the truth. */
  readonly comparisons: number;
  readonly wrongRosters: number;
  readonly dropped: number;
  readonly joins: number;
  /** A join counts once for each member that heard of it. */
  readonly joinsSeen: number;
  /** Milliseconds. */
  readonly latencyP50: number;
  readonly latencyP99: number;
  /** The longest time that the clients' own event loop stood still, in milliseconds: it is in the latencies. */
  readonly ownStall: number;
  readonly stall: Stall;
  /** Bytes of the log that those cause who are no members, in the second in which they were most. */
  readonly strangersLog: number;
  /** MB. */
  readonly baseMemory: number;
  readonly peakMemory: number;
  readonly memoryAfterRounds: readonly number[];
  /** Seconds until the frozen member was gone; undefined where it never was. */
  readonly frozenGoneAfter: number | undefined;
  /** Seconds that it may take: PING_INTERVAL + PONG_TIMEOUT + 1. */
  readonly frozenBar: number;
  /** Undefined where the server did not end. */
  readonly exitCode: number | undefined;
  /** Well-behaved clients that were there at SIGTERM, and the codes that they were closed with. */
  readonly atEnd: number;
  readonly goodbyes: Readonly<Record<string, number>>;
  /** How often each attack ran. */
  readonly attacks: Readonly<Record<string, number>>;
}

interface Row {
  readonly what: string;
  readonly measured: string;
  readonly bar: string;
  readonly met: boolean;
}

const MAX_LATENCY = 100;
const MAX_STALL = 100;
const MAX_MEMORY = 80;
const MAX_MEMORY_LEFT = 10;
const MAX_STRANGERS_LOG = 64 * 1024;

export function judge(figures: Figures): Row[] {
  const { troubles, comparisons, wrongRosters, dropped, stall, goodbyes, atEnd, exitCode } = figures;
  const overBase = figures.peakMemory - figures.baseMemory;
  const [first = Number.NaN, second = Number.NaN] = figures.memoryAfterRounds;
  const told = goodbyes[1001] ?? 0;
  const gone = figures.frozenGoneAfter;
  return [
    row('deaths, uncaught errors', `${troubles.length}`, '0', troubles.length === 0),
    row(
      'rosters that differ from the truth',
      `${wrongRosters} (${comparisons} lists compared)`,
      '0',
      wrongRosters === 0 && comparisons > 0,
    ),
    row('well-behaved clients dropped', `${dropped} (${figures.joins} joined)`, '0', dropped === 0),
    row(
      'join seen by another member, p99',
      `${ms(figures.latencyP99)} (median ${ms(figures.latencyP50)}, ${figures.joinsSeen} times)`,
      `≤ ${MAX_LATENCY} ms`,
      figures.latencyP99 <= MAX_LATENCY,
    ),
    row(
      'longest stall of the event loop',
      `${ms(stall.stalled)} (and ${ms(stall.waited)} of waiting for a CPU)`,
      `≤ ${MAX_STALL} ms`,
      stall.stalled <= MAX_STALL,
    ),
    row('memory over the base at the peak', mb(overBase), `≤ ${MAX_MEMORY} MB`, overBase <= MAX_MEMORY),
    row(
      'left after a second identical round against the first',
      mb(second - first),
      `≤ ${MAX_MEMORY_LEFT} MB`,
      second - first <= MAX_MEMORY_LEFT,
    ),
    row(
      'log of what strangers cause, in the worst second',
      `${(figures.strangersLog / 1024).toFixed(1)} KiB`,
      `≤ ${MAX_STRANGERS_LOG / 1024} KiB`,
      figures.strangersLog <= MAX_STRANGERS_LOG,
    ),
    row(
      'frozen member gone',
      gone === undefined ? 'never' : `${gone.toFixed(1)} s`,
      `≤ ${figures.frozenBar} s`,
      gone !== undefined && gone <= figures.frozenBar,
    ),
    row(
      'SIGTERM at the end',
      `exit ${exitCode ?? 'never'}, ${told} of ${atEnd} saw 1001`,
      'exit 0, all',
      exitCode === 0 && told === atEnd && atEnd > 0,
    ),
  ];
}

/** The table of docs/operations.md, and what is needed to read it. */
export function report(figures: Figures): string {
  const rows = judge(figures).map(
    ({ what, measured, bar, met }) => `| ${what} | ${bar} | ${measured} | ${met ? 'met' : 'MISSED'} |`,
  );
  const { attacks, baseMemory, memoryAfterRounds, seed, seconds, ownStall, stall } = figures;
  const counts = Object.entries(attacks).map(([name, count]) => `${name} ${count}`);
  return [
    '| | bar | measured | |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `seed ${seed}, ${Math.round(seconds)} s; memory ${mb(baseMemory)} at the start, ` +
      `${memoryAfterRounds.map(mb).join(' and ')} after the rounds; ` +
      `the clients' own longest stall ${ms(ownStall)}; ` +
      `the server waited for a CPU ${Math.round(stall.starved * 100)} % of the time`,
    `attacks: ${counts.join(', ')}`,
    ...[...figures.troubles, ...figures.complaints].map((line) => `! ${line}`),
    '',
  ].join('\n');
}

function row(what: string, measured: string, bar: string, met: boolean): Row {
  return { what, measured, bar, met };
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function mb(value: number): string {
  return `${value.toFixed(1)} MB`;
}
