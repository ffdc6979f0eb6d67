/** A text frame made once for all its receivers: `ws.send` would make a header for each of them. Pure. */

/** FIN and the opcode of text (RFC 6455, section 5.2). */
const WHOLE_TEXT = 0x81;
/** Payloads up to this length stand in the second byte; 126 and 127 say that 2 or 8 bytes of length follow. */
const LONGEST_IN_ONE_BYTE = 125;
const TWO_BYTES_FOLLOW = 126;
const EIGHT_BYTES_FOLLOW = 127;

/** The bytes of one text frame as a server sends it: whole, unmasked and uncompressed. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = headerLength(length);
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = WHOLE_TEXT;
  if (header === 2) {
    frame[1] = length;
  } else if (header === 4) {
    frame[1] = TWO_BYTES_FOLLOW;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = EIGHT_BYTES_FOLLOW;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, header);
  return frame;
}

function headerLength(length: number): 2 | 4 | 10 {
  if (length <= LONGEST_IN_ONE_BYTE) return 2;
  return length <= 0xffff ? 4 : 10;
}
