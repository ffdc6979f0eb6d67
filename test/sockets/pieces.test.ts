import { PIECE, piecesOf } from '../../src/sockets/pieces';

test.each([
  ['one byte', 1, [1]],
  ['a piece', PIECE, [PIECE]],
  ['a byte more', PIECE + 1, [PIECE, 1]],
  ['two pieces', 2 * PIECE, [PIECE, PIECE]],
])('a roster of %s is cut without a copy', (_what, length, lengths) => {
  const roster = Uint8Array.from({ length }, (_, index) => index % 251);
  const pieces = piecesOf(roster);
  expect(pieces.map((piece) => piece.length)).toEqual(lengths);
  expect(Buffer.concat(pieces).equals(roster)).toBe(true);
  expect(pieces.every(({ buffer }) => buffer === roster.buffer)).toBe(true);
});

test('all receivers of a roster share its pieces', () => {
  const roster = new Uint8Array(3 * PIECE);
  expect(piecesOf(roster)).toBe(piecesOf(roster));
});
