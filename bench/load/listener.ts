/** A member that counts what it is sent: plain rosters, or what a subprotocol of the host sends instead. */
import { connect, type Socket } from 'node:net';
import { CLOSE_FRAME, clientFrame } from './client-frames';
import { FrameReader, OPCODE } from './frame-reader';

const END_OF_HEADERS = '\r\n\r\n';

/** What all members of a room have heard together. */
export class Hearing {
  frames = 0;
  bytes = 0;
  #wanted = 0;
  #onEnough = () => {};

  add(bytes: number): void {
    this.frames++;
    this.bytes += bytes;
    if (this.frames >= this.#wanted) this.#onEnough();
  }

  /** Resolves when there were so many frames. */
  async until(frames: number): Promise<void> {
    this.#wanted = frames;
    if (this.frames < frames) await new Promise<void>((resolve) => (this.#onEnough = resolve));
  }
}

export class Listener {
  readonly gone: Promise<void>;
  readonly #socket: Socket;

  /** @param subprotocol offered to the host; none where it is empty */
  constructor(port: number, room: string, name: string, subprotocol: string, hearing: Hearing) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const reader = new FrameReader(0, (opcode, length, head) => {
      if (opcode === OPCODE.text) hearing.add(length);
      if (opcode === OPCODE.ping) socket.write(clientFrame(OPCODE.pong, head));
    });
    let answer: string | undefined = '';
    socket.on('data', (chunk) => {
      if (answer === undefined) return reader.read(chunk);
      const before = answer.length;
      answer += chunk.toString('latin1');
      const end = answer.indexOf(END_OF_HEADERS);
      if (end < 0) return;
      answer = undefined;
      reader.read(chunk, end + END_OF_HEADERS.length - before);
    });
    socket.on('error', () => {});
    this.#socket = socket;
    this.gone = new Promise((resolve) => socket.on('close', () => resolve()));
    socket.write(
      [
        `GET /?room=${room}&streamName=${name} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: YmVuY2htYXJrIHBlcnNvbg==',
        ...(subprotocol === '' ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
        '\r\n',
      ].join('\r\n'),
    );
  }

  leave(): Promise<void> {
    this.#socket.write(CLOSE_FRAME);
    return this.gone;
  }

  drop(): Promise<void> {
    this.#socket.destroy();
    return this.gone;
  }
}
