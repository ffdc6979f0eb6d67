import fc from 'fast-check';
import { FrameReader, OPCODE } from '../../../bench/load/frame-reader';
import { textFrame } from '../../../src/sockets/frame';

interface Seen {
  readonly opcode: number;
  readonly length: number;
  readonly head: string;
}

/** Reads bytes in pieces that end at the given places. */
function readInPieces(bytes: Buffer, cuts: readonly number[], keep: number): Seen[] {
  const seen: Seen[] = [];
  const reader = new FrameReader(keep, (opcode, length, head) => {
    seen.push({ opcode, length, head: head.toString('latin1') });
  });
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (const [index, place] of places.entries()) reader.read(bytes, place, places[index + 1] ?? bytes.length);
  return seen;
}

describe('frames', () => {
  test.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('of %d bytes come whole', (length) => {
    const payload = 'x'.repeat(length);
    const seen = readInPieces(textFrame(payload), [], Number.POSITIVE_INFINITY);
    expect(seen).toEqual([{ opcode: OPCODE.text, length, head: payload }]);
  });

  test('wherever the stream is cut, the same frames come', () => {
    const lengths = fc.oneof(
      fc.nat(10),
      fc.integer({ min: 120, max: 130 }),
      fc.integer({ min: 65_530, max: 65_540 }),
    );
    const stream = fc.record({
      lengths: fc.array(lengths, { maxLength: 6 }),
      cuts: fc.array(fc.nat(), { maxLength: 12 }),
      keep: fc.nat(6),
    });
    fc.assert(
      fc.property(stream, ({ lengths, cuts, keep }) => {
        const payloads = lengths.map((length, index) => `${index}`.repeat(length).slice(0, length));
        const seen = readInPieces(Buffer.concat(payloads.map(textFrame)), cuts, keep);
        expect(seen).toEqual(
          payloads.map((payload) => ({
            opcode: OPCODE.text,
            length: payload.length,
            head: payload.slice(0, keep),
          })),
        );
      }),
    );
  });

  test('a control frame comes with its payload, and the data frame after it as short as before', () => {
    const ping = Buffer.concat([Buffer.from([0x89, 5]), Buffer.from('alive')]);
    const seen = readInPieces(Buffer.concat([ping, textFrame('a roster')]), [3, 9], 2);
    expect(seen).toEqual([
      { opcode: OPCODE.ping, length: 5, head: 'alive' },
      { opcode: OPCODE.text, length: 8, head: 'a ' },
    ]);
  });
});
