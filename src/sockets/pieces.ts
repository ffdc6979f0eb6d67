/** A large roster in pieces: it is sent in turns, and over TLS only the piece on its way takes memory of its own. */

/** Bytes; four records of TLS (RFC 8446, section 5.1). */
export const PIECE = 64 * 1024;

/** All receivers of a roster share its pieces. */
const cut = new WeakMap<Uint8Array, readonly Uint8Array[]>();

export function piecesOf(roster: Uint8Array): readonly Uint8Array[] {
  const known = cut.get(roster);
  if (known !== undefined) return known;
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < roster.length; at += PIECE) pieces.push(roster.subarray(at, at + PIECE));
  cut.set(roster, pieces);
  return pieces;
}
