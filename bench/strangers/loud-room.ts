/** One room full of names that are long, and twice as long in JSON, whose members come and go all the time. */
import type { Socket } from 'node:net';
import { joinTarget } from '../../test/helpers/join-target';
import { handshakeFor } from '../../test/helpers/raw-client';
import type { Meter } from '../meter';
import { type Ground, type Siege, Strangers } from './ground';

/** Bytes of a name: as many as there may be. */
const NAME_BYTES = 256;
/** Where what comes is put, one over the other: only its length is wanted. */
const HEAP = Buffer.alloc(1024 * 1024);

export interface LoudRoomOptions {
  readonly size: number;
  /** Handshakes a second; once the room is full, for each that comes another member goes. */
  readonly rate: number;
  readonly received: Meter;
  readonly sent: Meter;
  /** The room is full. */
  readonly onFull?: () => void;
}

export async function loudRoom(ground: Ground, siege: Siege, options: LoudRoomOptions): Promise<void> {
  const { size, rate, received, sent, onFull } = options;
  const strangers = new Strangers(ground, siege);
  const members: Socket[] = [];
  const startedAt = performance.now();
  for (let index = 0; !siege.over; index++) {
    if (members.length >= size) members.shift()?.destroy();
    const socket = strangers.dial({ buffer: HEAP, callback: (length) => received.add(length) });
    members.push(socket);
    socket.once('close', () => remove(members, socket));
    const bytes = handshakeFor(joinTarget('loud', nameOf(index)), ground.headers);
    sent.add(bytes.length);
    socket.write(bytes);
    if (members.length === size) onFull?.();
    await siege.pause(startedAt + ((index + 1) * 1_000) / rate - performance.now());
  }
}

function nameOf(index: number): string {
  const end = index.toString(36);
  return '"'.repeat(NAME_BYTES - end.length) + end;
}

function remove(members: Socket[], socket: Socket): void {
  const at = members.indexOf(socket);
  if (at >= 0) members.splice(at, 1);
}
