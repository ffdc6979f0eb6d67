/**
 * The links of a room: the one that it has, and the next one, which is made before that is dropped. To the host, two
 * sockets with the same name are one stream. So no socket that may keep the name in the room is closed before another
 * one has its roster.
 */
import { delayBefore, NORMAL, shouldComeBack } from './come-back';
import { Connection, type Opening } from './connection';
import { RoomView } from './room-view';
import { Timers } from './timers';
import { GRACE, LATEST_START, LEAD_SHARE, LINGER, LONGEST_LEAD, STABLE } from './times';
import type { JoinOptions, Metadata, WebSocketClass } from './types';
import { encodeMetadata, type Frame, hostAt, protocolsFor, targetOf } from './wire';

interface Surroundings extends Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>> {
  readonly navigator?: { readonly connection?: EventTarget };
}

type FindSocket = () => WebSocketClass | Promise<WebSocketClass>;

export class Room extends RoomView {
  readonly #options: JoinOptions;
  readonly #findSocket: FindSocket;
  readonly #host: string;
  readonly #timers = new Timers<'dial' | 'grace' | 'linger'>();
  /** Has its roster. */
  #link: Connection | undefined;
  /** Is opening, to be the link. */
  #candidate: Connection | undefined;
  /** Those whose sockets may keep the name in the room until there is a new link. */
  #retired: readonly Connection[] = [];
  /** Milliseconds until the host, which says goodbye, wants us back. */
  #wait: number | undefined;
  /** Failures in a row. */
  #attempt = 0;
  #openedAt = 0;
  /** As JSON. */
  #metadata: string | undefined;

  /** @throws TypeError if the address is not valid */
  constructor(address: string, options: JoinOptions, findSocket: FindSocket = globalWebSocket) {
    super(options);
    const { signal, metadata } = options;
    this.#options = options;
    this.#metadata = encodeMetadata(metadata);
    this.#findSocket = findSocket;
    this.#host = hostAt(address);
    this.#listen('addEventListener');
    if (signal?.aborted) queueMicrotask(this.#onAbort);
    else this.#dial();
  }

  setMetadata(metadata: Metadata): void {
    this.#metadata = encodeMetadata(metadata);
    this.#sayMetadata();
  }

  leave(): void {
    if (this.state !== 'closed') this.#end(NORMAL, 'left');
  }

  #sayMetadata(): void {
    this.#link?.say(`{"type":"metadata","metadata":${this.#metadata}}`);
  }

  readonly #onAbort = (): void => this.leave();

  /** In Node, neither windows nor networks have events. */
  #listen(how: 'addEventListener' | 'removeEventListener'): void {
    const { navigator, [how]: listen } = globalThis as Surroundings;
    this.#options.signal?.[how]('abort', this.#onAbort);
    navigator?.connection?.[how]('change', this.#check);
    for (const type of ['online', 'offline', 'pageshow', 'visibilitychange']) listen?.(type, this.#check);
  }

  /** The page is looked at again, or the network is another one, which a link that is opening may not know. */
  readonly #check = ({ type }: Event): void => {
    const link = this.#link;
    const isOther = type === 'online';
    if (!link && (isOther || !this.#candidate)) this.#dial();
    if (link && !link.ask() && isOther) link.fail('the network has changed');
  };

  /** Opens the next link. The present one stays until that has its roster. */
  readonly #dial = (): void => {
    this.#timers.end('dial');
    this.#retire(this.#candidate);
    this.#candidate = new Connection(this.#prepare, this.#onFrame, this.#onEnd);
  };

  readonly #prepare = async (connection: Connection): Promise<Opening> => {
    const { token, WebSocket } = this.#options;
    const Socket = WebSocket ?? (await this.#findSocket());
    const protocols = protocolsFor(typeof token === 'function' ? await token() : token);
    connection.said = this.#metadata;
    return [Socket, targetOf(this.#host, this.#options, this.#metadata), protocols];
  };

  readonly #onFrame = (connection: Connection, frame: Frame, isList: boolean): void => {
    const isNew = connection !== this.#link;
    if (isNew && !isList) return;
    if (isNew) this.#takeOver(connection, frame);
    if (frame.type === 'goodbye') this.#wait = frame.wait;
    if (frame.type === 'refused') this.emit('refused', { reason: frame.reason ?? '' });
    if (frame.type === 'message') this.emit('message', { message: frame.message });
    if (!isList || !this.#link) return;
    this.list(connection.streams, this.#missed(isNew, frame), frame);
    if (this.awaited.length === 0) this.#timers.end('grace');
    else if (isNew) this.#timers.set('grace', this.#options.grace ?? GRACE, this.#onGraceOver);
    this.settle();
  };

  /**
   * Those who may be on their way, unless they are listed. Unless the link is new or its host stops, whoever it has
   * listed and lists no more has left: the host has seen it.
   */
  #missed(isNew: boolean, { streams }: Frame): readonly string[] {
    if (isNew || this.#wait !== undefined) return this.streams;
    return streams && !this.#timers.has('grace') ? [] : this.awaited;
  }

  /** A link that is dead does not know who has come back, and the next one may: so a new list decides. */
  readonly #onGraceOver = (): void => {
    if (!this.#link?.refresh()) this.giveUp();
  };

  #takeOver(candidate: Connection, { expires }: Frame): void {
    this.#retire(this.#link);
    this.#link = candidate;
    this.#candidate = undefined;
    this.#wait = undefined;
    this.#openedAt = Date.now();
    this.#timers.set('linger', LINGER, this.#closeRetired);
    if (expires && typeof this.#options.token === 'function') this.#renewBefore(expires);
    if (candidate.said !== this.#metadata) this.#sayMetadata();
    if (this.state === 'joined') return;
    this.state = 'joined';
    this.emit('open');
  }

  #renewBefore(expires: number): void {
    const lead = Math.min(LONGEST_LEAD, expires * LEAD_SHARE);
    this.#timers.set('dial', expires - lead * (0.5 + Math.random() / 2), () => {
      this.#attempt = 0;
      this.#dial();
    });
  }

  readonly #onEnd = (connection: Connection, code: number, reason: string): void => {
    this.#retire(connection);
    if (connection === this.#link) this.#onLost();
    else this.#candidate = undefined;
    if (!shouldComeBack(code)) {
      if (!this.#link) this.#end(code, reason);
      return;
    }
    this.#attempt++;
    const delay = this.#candidate ? 0 : (this.#wait ?? delayBefore(this.#attempt, code));
    if (!this.#candidate) this.#timers.set('dial', delay, this.#dial);
    if (this.#link) return;
    this.#wait = undefined;
    if (this.state === 'joined') this.state = 'reconnecting';
    this.emit('reconnecting', { attempt: this.#attempt, delay, code, reason });
  };

  #onLost(): void {
    this.#link = undefined;
    this.#timers.endAll();
    this.#attempt = Date.now() - this.#openedAt < STABLE ? Math.min(this.#attempt, LATEST_START - 1) : 0;
  }

  #retire(connection: Connection | undefined): void {
    connection?.retire();
    this.#retired = [...this.#retired, connection].filter((one) => one?.socket) as Connection[];
  }

  readonly #closeRetired = (): void => {
    for (const connection of this.#retired) connection.close();
    this.#retired = [];
  };

  #end(code: number, reason: string): void {
    this.state = 'closed';
    this.#retire(this.#link);
    this.#retire(this.#candidate);
    this.#closeRetired();
    this.#link = undefined;
    this.#timers.endAll();
    this.settle(new Error(`closed with ${code}: ${reason}`));
    this.#listen('removeEventListener');
    this.emit('closed', { code, reason });
  }
}

function globalWebSocket(): WebSocketClass {
  return (globalThis as unknown as { WebSocket: WebSocketClass }).WebSocket;
}
