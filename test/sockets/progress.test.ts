/** Whether a peer takes what waits for it, on a stream that a test plays. */
import type { Duplex } from 'node:stream';
import { Progress } from '../../src/sockets/progress';
import { ManualClock } from '../helpers/manual-clock';

const HARMLESS = 64 * 1024;
const SECOND = 1_000;

function watch(waiting: number) {
  const clock = new ManualClock();
  const stream = { writableLength: waiting, _handle: { writeQueueSize: 1 } };
  const seen: string[] = [];
  const progress = new Progress(stream as unknown as Duplex, clock, {
    onTaken: () => seen.push(`taken at ${clock.now()}`),
    onStall: () => seen.push(`stalled at ${clock.now()}`),
  });
  return { clock, stream, seen, progress };
}

test('a peer that takes nothing of more than 64 KiB is stuck after 10 s, and is looked at no more', () => {
  const { clock, seen } = watch(HARMLESS + 1);
  clock.advance(60 * SECOND);
  expect(seen).toEqual(['stalled at 10000']);
  expect(clock.waiting).toBe(0);
});

test('64 KiB may wait for ever', () => {
  const { clock, seen } = watch(HARMLESS);
  clock.advance(600 * SECOND);
  expect(seen).toEqual([]);
  expect(clock.waiting).toBe(1);
});

test('any byte that is taken starts the 10 s over, and is told from the second look on', () => {
  const { clock, stream, seen } = watch(HARMLESS * 2);
  stream.writableLength--;
  clock.advance(SECOND);
  expect(seen).toEqual([]);
  clock.advance(9 * SECOND);
  stream.writableLength--;
  clock.advance(SECOND);
  expect(seen).toEqual(['taken at 11000']);
  clock.advance(60 * SECOND);
  expect(seen).toEqual(['taken at 11000', 'stalled at 21000']);
});

test('a chunk that leaves piece by piece is taken as well', () => {
  const { clock, stream, seen } = watch(HARMLESS * 2);
  stream._handle.writeQueueSize = 100;
  clock.advance(SECOND);
  stream._handle.writeQueueSize = 50;
  clock.advance(SECOND);
  expect(seen).toEqual(['taken at 2000']);
});

test('that more waits than before is no progress', () => {
  const { clock, stream, seen } = watch(HARMLESS * 2);
  for (let second = 0; second < 10; second++) {
    stream.writableLength++;
    clock.advance(SECOND);
  }
  expect(seen).toEqual(['stalled at 10000']);
});

test('what all left before the first look tells nothing, and after it that the peer lives', () => {
  const early = watch(HARMLESS);
  early.clock.advance(SECOND - 1);
  early.progress.finish();
  expect([early.seen, early.clock.waiting]).toEqual([[], 0]);
  const late = watch(HARMLESS);
  late.clock.advance(SECOND);
  late.progress.finish();
  expect([late.seen, late.clock.waiting]).toEqual([['taken at 1000'], 0]);
});

test('nobody is watched after a stop', () => {
  const { clock, seen, progress } = watch(HARMLESS * 2);
  clock.advance(SECOND);
  progress.stop();
  clock.advance(60 * SECOND);
  expect([seen, clock.waiting]).toEqual([[], 0]);
});
