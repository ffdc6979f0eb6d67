/** A client's frame, right or wrong: nothing is checked. */

const MASKED = 0x80;
/** The lengths of RFC 6455, section 5.2, that say: it is told in the next 16 bits, or 64. */
const [IN_16_BITS, IN_64_BITS] = [126, 127];

/**
 * @param firstByte FIN, RSV and opcode
 * @param length what the frame says of its payload's length; the truth unless given
 */
export function clientFrame(firstByte: number, payload: string | Buffer = '', length?: bigint): Buffer {
  const body = Buffer.from(payload);
  const told = length ?? BigInt(body.length);
  const header = Buffer.alloc(10);
  header[0] = firstByte;
  let size = 2;
  if (told < IN_16_BITS) {
    header[1] = MASKED | Number(told);
  } else if (told < 1n << 16n) {
    header[1] = MASKED | IN_16_BITS;
    size = header.writeUInt16BE(Number(told), 2);
  } else {
    header[1] = MASKED | IN_64_BITS;
    size = header.writeBigUInt64BE(told, 2);
  }
  const maskOfZeros = Buffer.alloc(4);
  return Buffer.concat([header.subarray(0, size), maskOfZeros, body]);
}
