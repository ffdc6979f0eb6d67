/**
 * Reads the frames that a server sends (RFC 6455, section 5.2: never masked) out of a TCP stream, cut anywhere.
 * It skips most of each payload, so that reading costs little even where rosters are long.
 */

export const OPCODE = { text: 0x1, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** The longest payload of a control frame (RFC 6455, section 5.5). */
const CONTROL_PAYLOAD = 125;
/** The longest header of a frame that is not masked. */
const LONGEST_HEADER = 10;

/** @param head the payload's first bytes, valid during the call only */
export type OnFrame = (opcode: number, length: number, head: Buffer) => void;

export class FrameReader {
  readonly #onFrame: OnFrame;
  /** How many bytes of a data frame's payload are handed on. */
  readonly #keep: number;
  readonly #header = Buffer.alloc(LONGEST_HEADER);
  #headerFilled = 0;
  /** Of the frame under way; its length is undefined until its header is complete. */
  #opcode = 0;
  #length: number | undefined;
  #left = 0;
  #head: Buffer = Buffer.alloc(0);
  /** How many bytes of this payload go to the head, and how many are there. */
  #headWanted = 0;
  #headFilled = 0;

  /** @param keep how many bytes of a data frame's payload `onFrame` gets; control frames come whole */
  constructor(keep: number, onFrame: OnFrame) {
    this.#keep = keep;
    this.#onFrame = onFrame;
  }

  /** Takes what came next: the bytes from `at` to `end`. */
  read(bytes: Buffer, at = 0, end = bytes.length): void {
    let next = at;
    while (next < end) {
      next =
        this.#length === undefined ? this.#readHeader(bytes, next, end) : this.#readPayload(bytes, next, end);
      if (this.#length !== undefined && this.#left === 0) this.#finish();
    }
  }

  /** Takes bytes of a header, and starts the payload once the header is complete. */
  #readHeader(bytes: Buffer, at: number, end: number): number {
    const header = this.#header;
    let next = at;
    while (next < end && (this.#headerFilled < 2 || this.#headerFilled < headerLength(header))) {
      header[this.#headerFilled++] = bytes.readUInt8(next++);
    }
    if (this.#headerFilled >= 2 && this.#headerFilled === headerLength(header)) this.#start();
    return next;
  }

  #start(): void {
    const length = payloadLength(this.#header);
    this.#opcode = this.#header.readUInt8(0) & 0x0f;
    this.#length = length;
    this.#left = length;
    this.#headerFilled = 0;
    this.#headFilled = 0;
    this.#headWanted = Math.min(length, this.#opcode >= OPCODE.close ? CONTROL_PAYLOAD : this.#keep);
    if (this.#head.length < this.#headWanted) this.#head = Buffer.allocUnsafe(this.#headWanted);
  }

  #readPayload(bytes: Buffer, at: number, end: number): number {
    const take = Math.min(this.#left, end - at);
    const wanted = Math.min(take, this.#headWanted - this.#headFilled);
    if (wanted > 0) this.#headFilled += bytes.copy(this.#head, this.#headFilled, at, at + wanted);
    this.#left -= take;
    return at + take;
  }

  #finish(): void {
    const length = this.#length ?? 0;
    this.#length = undefined;
    this.#onFrame(this.#opcode, length, this.#head.subarray(0, this.#headFilled));
  }
}

/** Of a header of which two bytes have come. */
function headerLength(header: Buffer): number {
  const short = header.readUInt8(1);
  if (short < 126) return 2;
  return short === 126 ? 4 : 10;
}

function payloadLength(header: Buffer): number {
  const short = header.readUInt8(1);
  if (short < 126) return short;
  return short === 126 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(2));
}
