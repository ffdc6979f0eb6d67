/** From the handshake to a member and back. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import type { InFlight } from '../conference/in-flight';
import type { Grant, JoinRequest } from '../conference/protocol';
import type { Departure, Events } from '../events';
import type { Connection } from './connection';
import { Egress } from './egress';
import { Heartbeat } from './heartbeat';
import { SendQueues } from './send-queues';
import { SocketServer } from './server';

/** What else is known of a member when it joins. */
export interface Admission {
  readonly stream: Duplex;
  /** When it is to be closed again, in milliseconds since the epoch; undefined where it may stay. */
  readonly expiresAt: number | undefined;
}

export interface MembersParts {
  readonly clock: Clock;
  /** In seconds. */
  readonly settings: { readonly pingInterval: number; readonly pongTimeout: number };
  readonly inFlight: InFlight;
  /** How a client that sends too much is closed. */
  readonly flooding: Departure;
  /** The name of a room as the room itself has it: one text for all members takes less memory than one for each. */
  readonly sharedName: (room: string) => string;
  /** The rest of the host does what it has to do for a new member. */
  readonly joined: (member: Connection, admission: Admission) => void;
  /** And for one that has left. */
  readonly left: (member: Connection, departure: Departure) => void;
  /** A member that was behind can take a roster again. */
  readonly catchUp: (member: Connection) => void;
  /** A member tells something else of itself. */
  readonly noted: (member: Connection) => void;
  /** Sends a piece of a large roster at once, or when it is its turn. */
  readonly inTurn: (send: () => void) => void;
  /** Why `ws` closes with a code of its own. */
  readonly reasonOf: (code: number) => string;
  /** Hears `joined`, `left`, `ignored` and `requested`. */
  readonly events: Events;
}

export class Members {
  readonly #parts: MembersParts;
  readonly #sockets: SocketServer;
  readonly #heartbeat: Heartbeat;
  readonly #egress: Egress;
  #lastId = 0;

  constructor(parts: MembersParts) {
    const { clock, inFlight, flooding, events, catchUp, noted, inTurn, settings } = parts;
    this.#parts = parts;
    this.#heartbeat = new Heartbeat(clock, {
      pingInterval: settings.pingInterval * 1_000,
      pongTimeout: settings.pongTimeout * 1_000,
    });
    this.#egress = new Egress(clock);
    this.#sockets = new SocketServer({
      clock,
      inFlight,
      flooding,
      sendQueues: new SendQueues(clock),
      ready: catchUp,
      inTurn,
      left: (member, departure) => this.#left(member, departure),
      ignored: () => events.emit('ignored'),
      requested: (type, outcome) => events.emit('requested', type, outcome),
      noted,
    });
  }

  /** How many sockets are open: members, those that are not admitted yet and those that are closing. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  /** Completes a handshake, synchronously; what comes back is admitted, or closed, once that is decided. */
  handshake(request: IncomingMessage, stream: Duplex, head: Buffer) {
    const opened = this.#sockets.handshake(request, stream, head);
    if (opened === undefined || 'problem' in opened) return opened;
    return {
      admit: (joining: JoinRequest, address: string, arrivedAt: number, grant: Grant) => {
        if (!opened.isOpen) return;
        this.#admit(opened, joining, address, stream, grant);
        this.#parts.events.emit('joined', opened.facts, performance.now() - arrivedAt);
      },
      close: (departure: Departure) => opened.close(departure),
      isOpen: () => opened.isOpen,
      onGone: (listener: () => void) => opened.onGone(listener),
    };
  }

  /** The member with this id; undefined where there is none. */
  find(id: number): Connection | undefined {
    return this.#sockets.find((connection) => connection.id === id && connection.isMember);
  }

  /** Tells everybody to go; done when all are gone, which those who do not answer are 2 s later. */
  sendAway(departure: Departure): Promise<void> {
    return this.#sockets.closeAll(departure);
  }

  /** Nobody is looked after any more. */
  stop(): void {
    this.#heartbeat.stop();
  }

  #admit(member: Connection, joining: JoinRequest, address: string, stream: Duplex, grant: Grant): void {
    const { streamName, observe } = joining;
    const room = this.#parts.sharedName(joining.room);
    this.#lastId++;
    const { subject } = grant;
    const facts = {
      ...{ id: this.#lastId, room, streamName, address, since: Date.now() },
      ...(observe && { observer: observe }),
      ...(subject !== undefined && { subject }),
    };
    member.admit(facts, this.#egress.join(address), grant);
    this.#heartbeat.watch(member);
    this.#parts.joined(member, { stream, expiresAt: grant.expiresAt });
  }

  #left(member: Connection, departure: Departure): void {
    const { left, reasonOf, events } = this.#parts;
    this.#heartbeat.unwatch(member);
    this.#egress.leave(member.accounts);
    left(member, departure);
    const reason = departure.violation ? reasonOf(departure.code) : departure.reason;
    events.emit('left', member.facts, { ...departure, reason });
  }
}
