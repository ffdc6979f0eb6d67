/** A table, as a terminal or Markdown shows it. */

export type Row = readonly string[];

/** Columns of the same width; the first is set left, the others right. */
export function textTable(header: Row, rows: readonly Row[]): string {
  const all = [header, ...rows];
  const widths = header.map((_title, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: Row) =>
    row.map((cell, column) => pad(cell, widths[column] ?? 0, column === 0)).join('  ');
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

export function markdownTable(header: Row, rows: readonly Row[]): string {
  const line = (row: Row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const alignment = header.map((_title, column) => (column === 0 ? '---' : '--:'));
  return [line(header), line(alignment), ...rows.map(line)].join('\n');
}

function pad(cell: string, width: number, left: boolean): string {
  return left ? cell.padEnd(width) : cell.padStart(width);
}
