/** From the handshake to a member and back: what all wings must hear when somebody is let in, and when they go. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { systemClock } from './clock';
import type { Conference } from './conference/conference';
import type { Departure, Events, MemberFacts } from './conference/events';
import { Expiry } from './door/auth/expiry';
import type { Limits } from './door/limits';
import { reasonOf, refusals } from './door/refusals';
import type { HandshakeResult } from './door/upgrade';
import type { Connections } from './listening/connections';
import type { Settings } from './settings/table';
import { Egress } from './sockets/egress';
import { Heartbeat } from './sockets/heartbeat';
import { type PeerOwner, SocketPeer } from './sockets/peer';
import { SocketServer } from './sockets/server';
import type { PeerWebSocket } from './sockets/websocket';

/** In seconds. */
type HeartbeatSettings = Pick<Settings, 'pingInterval' | 'pongTimeout'>;

export class Members {
  readonly #sockets = new SocketServer(systemClock, refusals.flooding);
  readonly #heartbeat: Heartbeat;
  readonly #egress = new Egress(systemClock);
  readonly #connections: Connections;
  readonly #expiry = new Expiry(systemClock);
  readonly #conference: Conference<SocketPeer>;
  readonly #limits: Limits;
  readonly #events: Events;
  readonly #peerOwner: PeerOwner;
  #lastId = 0;

  /** @param events hears `joined`, `left` and `ignored` */
  constructor(
    settings: HeartbeatSettings,
    conference: Conference<SocketPeer>,
    limits: Limits,
    connections: Connections,
    events: Events,
  ) {
    this.#heartbeat = new Heartbeat(systemClock, {
      pingInterval: settings.pingInterval * 1_000,
      pongTimeout: settings.pongTimeout * 1_000,
    });
    this.#conference = conference;
    this.#limits = limits;
    this.#connections = connections;
    this.#events = events;
    this.#peerOwner = {
      clock: systemClock,
      ignored: () => events.emit('ignored'),
      gone: (peer, departure) => this.#peerOnGone(peer, departure),
    };
  }

  /** How many sockets are open: members, those that are not admitted yet and those that are closing. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  /** Completes a handshake, synchronously; what comes back is admitted, or closed, once that is decided. */
  handshake(request: IncomingMessage, socket: Duplex, head: Buffer): HandshakeResult {
    const opened = this.#sockets.handshake(request, socket, head);
    if (opened === undefined || 'problem' in opened) return opened;
    return {
      admit: ({ room, streamName }, address, arrivedAt, expiresAt) => {
        this.#lastId++;
        const facts = { id: this.#lastId, room, streamName, address, since: Date.now() };
        this.#admit(opened, socket, facts, arrivedAt, expiresAt);
      },
      close: ({ code, reason }) => opened.close(code, reason),
      isOpen: () => opened.readyState === opened.OPEN,
      onGone: (listener) => {
        opened.peer = { gone: listener };
      },
    };
  }

  /** Tells everybody to go elsewhere; those who do not answer are gone 2 s later. */
  sendAway(): void {
    this.#sockets.closeAll(refusals.goingAway);
  }

  /** Nobody is looked after any more. */
  stop(): void {
    this.#heartbeat.stop();
  }

  #admit(
    ws: PeerWebSocket,
    socket: Duplex,
    facts: MemberFacts,
    arrivedAt: number,
    expiresAt: number | undefined,
  ): void {
    const peer = new SocketPeer(ws, socket, facts, this.#peerOwner, this.#egress.join(facts.address));
    this.#connections.admitted(socket);
    this.#heartbeat.watch(peer);
    if (expiresAt !== undefined) this.#expiry.watch(peer, expiresAt);
    this.#limits.joined(facts.address);
    this.#conference.admit(peer);
    this.#events.emit('joined', peer, performance.now() - arrivedAt);
  }

  #peerOnGone(peer: SocketPeer, departure: Departure): void {
    this.#heartbeat.unwatch(peer);
    this.#expiry.unwatch(peer);
    this.#limits.left(peer.address);
    this.#egress.leave(peer.accounts);
    this.#conference.depart(peer);
    const reason = departure.violation ? reasonOf(departure.code) : departure.reason;
    this.#events.emit('left', peer, { ...departure, reason });
  }
}
