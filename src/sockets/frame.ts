/**
 * A text frame made once for all its receivers: `ws.send` would make a header, and do two socket writes
 * or a cork, for each of them. This leans on `Sender.frame`, which `ws` exports without documenting it;
 * test/sockets/frame.test.ts fails when a new `ws` frames otherwise. Should it ever go: let `textFrame`
 * return the payload and `SocketPeer` call `ws.send(payload, { binary: false })`, at the cost above.
 */
import ws from 'ws';

/** RFC 6455, section 5.2. */
const TEXT = 0x1;

interface FrameOptions {
  readonly fin: boolean;
  readonly opcode: number;
  readonly mask: boolean;
  readonly readOnly: boolean;
  readonly rsv1: boolean;
}

const { Sender } = ws as unknown as {
  readonly Sender: { frame(data: Buffer, options: FrameOptions): Buffer[] };
};

/** The bytes of one unmasked, uncompressed text frame, as `ws.send` of a server writes them. */
export function textFrame(text: string): Buffer {
  const options = { fin: true, opcode: TEXT, mask: false, readOnly: true, rsv1: false };
  return Buffer.concat(Sender.frame(Buffer.from(text), options));
}
