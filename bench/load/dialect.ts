/** How a contestant is spoken to: which address joins a room, and what its rosters look like in a frame. */
import { clientFrame } from './client-frames';
import { OPCODE } from './frame-reader';

export interface Dialect {
  /** The request target that joins. */
  target(room: string, streamName: string): string;
  /** What stands before and after the roster's JSON in its frame. */
  readonly before: string;
  readonly after: string;
  /** The frame that answers a text frame which begins like this, or undefined where none is due. */
  answer(head: Buffer): Buffer | undefined;
}

const query = (room: string, streamName: string) =>
  `room=${encodeURIComponent(room)}&streamName=${encodeURIComponent(streamName)}`;

/** Each text frame is a roster. */
export const bare: Dialect = {
  target: (room, streamName) => `/?${query(room, streamName)}`,
  before: '',
  after: '',
  answer: () => undefined,
};

/** Engine.IO packets: its open wants a Socket.IO connect, its ping a pong. */
const ANSWERS: ReadonlyMap<number, Buffer> = new Map([
  ['0'.charCodeAt(0), clientFrame(OPCODE.text, Buffer.from('40'))],
  ['2'.charCodeAt(0), clientFrame(OPCODE.text, Buffer.from('3'))],
]);

/** Socket.IO's protocol, version 5, over Engine.IO's, version 4. */
export const socketIo: Dialect = {
  target: (room, streamName) => `/socket.io/?EIO=4&transport=websocket&${query(room, streamName)}`,
  before: '42["roster",',
  after: ']',
  answer: (head) => ANSWERS.get(head[0] ?? 0),
};
