/** The few frames that a participant sends, masked with zeros, which changes no byte (RFC 6455, section 5.3). */
import { OPCODE } from './frame-reader';

const FIN = 0x80;
const MASKED = 0x80;
/** Normal closure (RFC 6455, section 7.4.1). */
const NORMAL = Buffer.from([1000 >> 8, 1000 & 0xff]);

/** A frame whose payload has at most 125 bytes. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([FIN | opcode, MASKED | payload.length, 0, 0, 0, 0]), payload]);
}

export const CLOSE_FRAME = clientFrame(OPCODE.close, NORMAL);
