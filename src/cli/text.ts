/** What commands print for people: tables, durations, and names of strangers made harmless. Pure. */

import { OBEYED } from '../logging/escape';

type Align = 'left' | 'right';

export interface Column {
  readonly title: string;
  readonly align?: Align;
}

/** Lines with their cells below each other. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(visible));
  const widths = columns.map(({ title }, at) =>
    Math.max(lengthOf(title), ...cells.map((row) => lengthOf(row[at] ?? ''))),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => padded(cell, widths[at] ?? 0, columns[at]?.align ?? 'left'))
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...cells.map(line)].map((text) => `${text}\n`).join('');
}

/** With what a terminal would obey as `\u202e`, which in JSON means the same. */
export function visible(text: string): string {
  return [...text.replace(OBEYED, escaped)].map((one) => (one < ' ' ? escaped(one) : one)).join('');
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** `4 min`, of milliseconds. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}

/** `14:05:09` here. */
export function clockTime(time: number): string {
  return new Date(time).toTimeString().slice(0, 8);
}

/** `2026-01-31 14:05` here. */
export function dayTime(time: number): string {
  const date = new Date(time);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return `${day.map((part) => String(part).padStart(2, '0')).join('-')} ${clockTime(time).slice(0, 5)}`;
}

/** `3 members`, `1 member`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function lengthOf(text: string): number {
  return [...text].length;
}

function padded(text: string, width: number, align: Align): string {
  const space = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return align === 'left' ? text + space : space + text;
}
