/** Shows on stderr what is being measured, and what came out. */
import type { Contestant } from './contestants';
import { threeDigits } from './report/numbers';
import type { Progress } from './runner';
import type { Sample } from './scenario';

/** Writes a line a round, so that a log can be read as well as a terminal. */
export class ProgressLines implements Progress {
  readonly remarks: string[] = [];
  readonly #startedAt = performance.now();
  #line = '';

  playing(round: string, { name }: Contestant): void {
    const seconds = Math.round((performance.now() - this.#startedAt) / 1000);
    this.#line = `${String(seconds).padStart(4)} s  ${round}: ${name}`;
    if (process.stderr.isTTY) process.stderr.write(this.#line);
  }

  played(sample: Sample): void {
    const figures = Object.entries(sample).map(([key, value]) => `${key} ${threeDigits(value)}`);
    this.#end(figures.join(', '));
    this.#line = '';
  }

  remark(text: string): void {
    if (!this.remarks.includes(text)) this.remarks.push(text);
    this.#end(`! ${text}`);
  }

  /** A remark may come in the middle of a round, whose line is then written again. */
  #end(text: string): void {
    const start = process.stderr.isTTY ? '\r' : '';
    process.stderr.write(`${start}${this.#line.padEnd(72)} ${text}\n`);
  }
}
