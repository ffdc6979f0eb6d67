/** The plot of the storms: the server's CPU time over the number of participants. */
import { type ContestantName, contestants } from '../contestants';
import { medianOf, type Results } from '../results';
import { threeDigits } from './numbers';
import { element, svgDocument } from './svg';

interface Point {
  readonly n: number;
  readonly cpu: number;
}

interface Series {
  readonly name: ContestantName;
  readonly points: readonly Point[];
}

const WIDTH = 760;
const HEIGHT = 440;
/** The plotting area, in the picture's pixels. */
const AREA = { left: 64, right: 730, top: 56, bottom: 384 } as const;
const COLOURS: Readonly<Record<ContestantName, string>> = {
  host: '#0b6e4f',
  'plain-ws': '#c1121f',
  'socket.io': '#7b5ea7',
};
/** The axis ends here where it can: larger storms show a peer's line leaving the picture. */
const HIGHEST_SHOWN = 1000;

/** Undefined where no storm was measured with at least two sizes. */
export function stormPlot(results: Results): string | undefined {
  const series = contestants.map(({ name }) => ({ name, points: pointsOf(results, name) }));
  const all = series.flatMap(({ points }) => points);
  if (new Set(all.map(({ n }) => n)).size < 2) return undefined;
  const scale = scaleFor(all, pointsOf(results, 'host'));
  const title = 'Server CPU for n participants who enter one room at once';
  return svgDocument(WIDTH, HEIGHT, title, [
    text(AREA.left, 26, title, { 'font-weight': 'bold' }),
    text(AREA.left, 44, 'seconds, user + system; medians', { fill: '#555' }),
    ...xAxis(scale),
    ...yAxis(scale),
    element('clipPath', { id: 'area' }, element('rect', areaRectangle())),
    ...series.flatMap((one) => drawSeries(one, scale)),
    ...legend(series),
  ]);
}

function pointsOf({ cases }: Results, who: ContestantName): Point[] {
  return cases
    .filter(({ scenario }) => scenario === 'storm')
    .flatMap((result) => {
      const cpu = medianOf(result, who, 'cpu');
      return cpu === undefined ? [] : [{ n: Number(result.key.replace('storm-', '')), cpu }];
    })
    .sort((a, b) => a.n - b.n);
}

interface Scale {
  readonly maxN: number;
  readonly maxCpu: number;
  x(n: number): number;
  y(cpu: number): number;
}

function scaleFor(all: readonly Point[], host: readonly Point[]): Scale {
  const shown = [...all.filter(({ n }) => n <= HIGHEST_SHOWN), ...host];
  const maxN = Math.max(...all.map(({ n }) => n));
  const maxCpu = 1.08 * Math.max(...shown.map(({ cpu }) => cpu));
  return {
    maxN,
    maxCpu,
    x: (n) => AREA.left + (n / maxN) * (AREA.right - AREA.left),
    y: (cpu) => AREA.bottom - (cpu / maxCpu) * (AREA.bottom - AREA.top),
  };
}

function drawSeries({ name, points }: Series, scale: Scale): string[] {
  const colour = COLOURS[name];
  const place = ({ n, cpu }: Point) => `${scale.x(n).toFixed(1)},${scale.y(cpu).toFixed(1)}`;
  const line = [{ n: 0, cpu: 0 }, ...points].map(place).join(' ');
  const dots = points.filter(({ cpu }) => cpu <= scale.maxCpu);
  const beyond = points.filter(({ cpu }) => cpu > scale.maxCpu);
  return [
    element('polyline', {
      points: line,
      fill: 'none',
      stroke: colour,
      'stroke-width': 2,
      'clip-path': 'url(#area)',
    }),
    ...dots.map(({ n, cpu }) =>
      element('circle', { cx: scale.x(n), cy: scale.y(cpu), r: 3.5, fill: colour }),
    ),
    ...beyond.map((point, index) =>
      noteBeyond(name, point, beyond.length * contestantIndex(name) + index, scale),
    ),
  ];
}

/** Where a line leaves the picture, its next figure is written. */
function noteBeyond(name: ContestantName, { n, cpu }: Point, row: number, scale: Scale): string {
  const words = `↑ ${name}: ${threeDigits(cpu)} s for ${n.toLocaleString('en')}`;
  return text(scale.x(HIGHEST_SHOWN) + 24, AREA.top + 14 + 18 * row, words, { fill: COLOURS[name] });
}

function contestantIndex(name: ContestantName): number {
  return contestants
    .filter((contestant) => contestant.name !== 'host')
    .findIndex((peer) => peer.name === name);
}

function legend(series: readonly Series[]): string[] {
  return series.flatMap(({ name }, index) => {
    const x = AREA.right - 260 + index * 90;
    return [
      element('circle', { cx: x, cy: 40, r: 4, fill: COLOURS[name] }),
      text(x + 9, 44, name, { fill: COLOURS[name] }),
    ];
  });
}

function xAxis({ maxN, x }: Scale): string[] {
  return ticks(maxN)
    .flatMap((n) => [
      element('line', { x1: x(n), x2: x(n), y1: AREA.top, y2: AREA.bottom, stroke: '#eee' }),
      text(x(n), AREA.bottom + 20, n.toLocaleString('en'), { 'text-anchor': 'middle', fill: '#555' }),
    ])
    .concat(text(AREA.right, AREA.bottom + 42, 'participants (n)', { 'text-anchor': 'end', fill: '#555' }));
}

function yAxis({ maxCpu, y }: Scale): string[] {
  return ticks(maxCpu).flatMap((cpu) => [
    element('line', {
      x1: AREA.left,
      x2: AREA.right,
      y1: y(cpu),
      y2: y(cpu),
      stroke: cpu === 0 ? '#555' : '#ddd',
    }),
    text(AREA.left - 8, y(cpu) + 4, `${Number(cpu.toPrecision(6))} s`, {
      'text-anchor': 'end',
      fill: '#555',
    }),
  ]);
}

/** Four to eight round values from 0 up to the largest. */
function ticks(largest: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(largest));
  const step =
    [0.2, 0.5, 1, 2].map((part) => part * magnitude).find((size) => largest / size <= 7) ?? magnitude;
  return Array.from({ length: Math.floor(largest / step) + 1 }, (_value, index) => index * step);
}

function areaRectangle() {
  return { x: AREA.left, y: AREA.top, width: AREA.right - AREA.left, height: AREA.bottom - AREA.top };
}

function text(
  x: number,
  y: number,
  words: string,
  attributes: Readonly<Record<string, string>> = {},
): string {
  return element('text', { x, y, ...attributes }, words.replaceAll('&', '&amp;').replaceAll('<', '&lt;'));
}
