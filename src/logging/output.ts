/** Writes the log to a file descriptor, in batches and in the background. */
import { constants, openSync, write } from 'node:fs';
import type { Clock } from '../clock';

/** Milliseconds that a line waits to be batched with others. */
export const INTERVAL = 100;
/** Milliseconds until a failed write is retried. */
const RETRY = 10;
/** Bytes. A full batch is written at once. */
const BATCH = 64 << 10;
/** Bytes that may wait. Beyond that, lines are lost. */
export const MOST_UNWRITTEN = 4 << 20;

/** Temporary errors: the reader is slow, or the disk is full. After any other, waiting lines are dropped. */
const PASSING = new Set(['EAGAIN', 'ENOSPC', 'EDQUOT']);

/** The first line waits for others, then all are written, with retries, until nothing is left. */
type State = 'empty' | 'gathering' | 'writing' | 'retrying';

interface Batch {
  readonly bytes: Buffer;
  filled: number;
  written: number;
}

/** A destination for pino. It never blocks and never throws, whatever the reader or the disk does. */
export class LogOutput {
  readonly #fd: number;
  readonly #clock: Clock;
  /** The first is being written, the last is being filled; they may be the same. */
  #batches: Batch[] = [];
  #state: State = 'empty';
  #unwritten = 0;
  /** How many of the unwritten bytes are to be written now. */
  #due = 0;
  #cancelTimer: () => void = () => {};
  #onFlushed: (() => void)[] = [];

  constructor(fd: number, clock: Clock) {
    this.#fd = fd;
    this.#clock = clock;
  }

  write(line: string): void {
    const size = Buffer.byteLength(line);
    if (this.#unwritten + size > MOST_UNWRITTEN) return;
    this.#unwritten += size;
    const batch = this.#batchFor(size);
    batch.filled += batch.bytes.write(line, batch.filled);
    if (this.#state === 'empty') this.#wait('gathering', INTERVAL);
    if (this.#state === 'gathering' && this.#batches.length > 1) this.#writeAll();
  }

  /** Resolves when all lines so far are written or lost. That may be never, if a reader stops reading. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#onFlushed.push(resolve);
      this.#writeAll();
    });
  }

  /** Pino calls it after a fatal line. It only starts the write: waiting for the reader could block for ever. */
  flushSync(): void {
    this.#writeAll();
  }

  #batchFor(size: number): Batch {
    const last = this.#batches.at(-1);
    if (last !== undefined && last.filled + size <= last.bytes.length) return last;
    const batch = { bytes: Buffer.allocUnsafeSlow(Math.max(size, BATCH)), filled: 0, written: 0 };
    this.#batches.push(batch);
    return batch;
  }

  #writeAll(): void {
    this.#due = this.#unwritten;
    if (this.#state === 'writing') return;
    this.#cancelTimer();
    this.#goOn();
  }

  #goOn(): void {
    const [batch] = this.#batches;
    if (this.#due <= 0) for (const done of this.#onFlushed.splice(0)) done();
    if (batch === undefined || this.#unwritten === 0) this.#state = 'empty';
    else if (this.#due > 0 || this.#batches.length > 1) this.#writeFrom(batch);
    else this.#wait('gathering', INTERVAL);
  }

  #wait(state: 'gathering' | 'retrying', delay: number): void {
    this.#state = state;
    this.#cancelTimer = this.#clock.schedule(() => this.#writeAll(), delay);
  }

  #writeFrom(batch: Batch): void {
    this.#state = 'writing';
    const { bytes, filled, written } = batch;
    write(this.#fd, bytes, written, filled - written, null, (error, count) => {
      if (error !== null && PASSING.has(error.code ?? '')) return this.#wait('retrying', RETRY);
      if (error !== null) this.#lose();
      else this.#release(batch, count);
      this.#goOn();
    });
  }

  #release(batch: Batch, count: number): void {
    batch.written += count;
    this.#unwritten -= count;
    this.#due -= count;
    if (batch.written < batch.filled) return;
    if (this.#batches.length > 1) this.#batches.shift();
    else Object.assign(batch, { filled: 0, written: 0 });
  }

  #lose(): void {
    this.#batches = [];
    this.#unwritten = 0;
    this.#due = 0;
  }
}

/**
 * A second, non-blocking descriptor of the terminal on standard output, so that a terminal stopped with Ctrl+S cannot
 * block the exit. Falls back to standard output.
 */
export function openTerminal(): number {
  try {
    return openSync('/dev/fd/1', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return 1;
  }
}
