import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  createReadStream,
  openSync,
  type ReadStream,
  readFileSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/clock';
import { INTERVAL, LogOutput, MOST_UNWRITTEN } from '../../src/logging/output';
import { temporaryFolder } from '../helpers/certificates';
import { ManualClock } from '../helpers/manual-clock';

const open = new Set<number>();

afterEach(() => open.forEach(close));

function close(fd: number): void {
  open.delete(fd);
  closeSync(fd);
}

class Pipe {
  readonly #path = join(temporaryFolder(), 'pipe');

  constructor() {
    execFileSync('mkfifo', [this.#path]);
  }

  open(access: number): number {
    const fd = openSync(this.#path, access | constants.O_NONBLOCK);
    open.add(fd);
    return fd;
  }

  read(): ReadStream {
    return createReadStream(this.#path, 'utf8');
  }
}

/** A line of 1 KiB. */
const line = (n: number) => `${String(n).padStart(1023)}\n`;

/** Reads until the text is as long as this. */
async function readAll(reader: ReadStream, length: number): Promise<string> {
  let text = '';
  while (text.length < length) text += (await once(reader, 'data'))[0];
  return text;
}

describe('the output of a log', () => {
  test('writes all lines of an interval together, then is idle', async () => {
    const clock = new ManualClock();
    const pipe = new Pipe();
    const output = new LogOutput(pipe.open(constants.O_RDWR), clock);
    const reader = pipe.read();
    for (const [one, two] of ['ab', 'cd']) {
      output.write(`${one}\n`);
      clock.advance(INTERVAL - 1);
      output.write(`${two}\n`);
      clock.advance(1);
      expect(await once(reader, 'data')).toEqual([`${one}\n${two}\n`]);
      await output.flush();
      expect(clock.waiting).toBe(0);
    }
  });

  test('writes many lines without waiting', async () => {
    const clock = new ManualClock();
    const pipe = new Pipe();
    const output = new LogOutput(pipe.open(constants.O_RDWR), clock);
    const reader = pipe.read();
    for (let n = 0; n < 70; n++) output.write(line(n));
    expect(await readAll(reader, 64 << 10)).toMatch(line(63));
  });

  test('keeps a limited number of whole lines while nobody reads, and continues once somebody does', async () => {
    const pipe = new Pipe();
    const output = new LogOutput(pipe.open(constants.O_RDWR), systemClock);
    const most = MOST_UNWRITTEN >> 10;
    for (let n = 0; n < 2 * most; n++) output.write(line(n));
    const reader = pipe.read();
    const text = readAll(reader, MOST_UNWRITTEN + 5);
    await output.flush();
    output.write('last\n');
    await output.flush();
    const kept = Array.from({ length: most }, (_, n) => line(n)).join('');
    expect((await text) === `${kept}last\n`).toBe(true);
  });

  test('keeps lines while the disk is full', async () => {
    const clock = new ManualClock();
    const full = openSync('/dev/full', 'w');
    const output = new LogOutput(full, clock);
    output.write('a line\n');
    clock.advance(INTERVAL);
    while (clock.waiting === 0) await new Promise(setImmediate);
    closeSync(full);
    const file = join(temporaryFolder(), 'out');
    const free = openSync(file, 'w');
    open.add(free);
    expect(free).toBe(full);
    clock.advance(INTERVAL);
    await output.flush();
    expect(readFileSync(file, 'utf8')).toBe('a line\n');
  });

  test('drops what a closed reader did not read, and writes for the next one', async () => {
    const clock = new ManualClock();
    const pipe = new Pipe();
    const before = pipe.open(constants.O_RDWR);
    const output = new LogOutput(pipe.open(constants.O_WRONLY), clock);
    close(before);
    output.write('nobody reads this\n');
    await output.flush();
    expect(clock.waiting).toBe(0);
    const after = pipe.open(constants.O_RDONLY);
    output.write('somebody reads this\n');
    await output.flush();
    const bytes = Buffer.alloc(1 << 10);
    expect(bytes.toString('utf8', 0, readSync(after, bytes))).toBe('somebody reads this\n');
  });
});
