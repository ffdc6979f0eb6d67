/** The host as a program sees it: start it, ask who is in its rooms, close it gracefully. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BackplaneEvents, BackplaneStatus } from './conference/backplane-status';
import type { Door } from './door/open';
import { refusals, removal } from './door/refusals';
import { atPath } from './door/upgrade';
import type { ConferenceEvents, MemberFacts } from './events';
import type { IsolatedEmitter } from './isolated-emitter';
import { type Logger, silentLogger } from './logging/events';
import { type HostOverrides, Parts } from './parts';
import { compatibilityNotes, resolveOptions } from './settings/resolve';
import type { Settings } from './settings/table';

/** Defaults are in the README's settings table. */
export interface HostOptions extends Partial<Omit<Settings, 'logLevel'>> {
  /** Any pino logger fits. Without one, nothing is logged. */
  readonly logger?: Logger;
}

export class ConferenceHost {
  /** Emits `ConferenceEvents`. Errors thrown by listeners are logged, and affect nothing else. */
  readonly events: IsolatedEmitter<ConferenceEvents>;
  /** Emits `state` and `propagated`; nothing without a backplane. */
  readonly backplaneEvents: IsolatedEmitter<BackplaneEvents>;
  readonly #settings: Settings;
  readonly #logger: Logger;
  readonly #parts: Parts;
  readonly #stopDraining = new AbortController();
  /** Remove our listeners from the embedding program's servers. */
  readonly #detach: (() => void)[] = [];
  #door: Door | undefined;
  #isSharing = false;
  #starting: Promise<unknown> | undefined;
  #draining = false;
  #closing: Promise<void> | undefined;

  /** @throws SettingsError when an option is unknown or its value is not valid */
  constructor({ logger = silentLogger, ...options }: HostOptions = {}, overrides: HostOverrides = {}) {
    this.#settings = resolveOptions(options);
    this.#logger = logger;
    const isStopping = () => this.#draining || this.#closing !== undefined;
    this.#parts = new Parts(this.#settings, logger, isStopping, overrides);
    this.events = this.#parts.events;
    this.backplaneEvents = this.#parts.backplaneEvents;
  }

  /**
   * Starts listening. Can be retried after a failure.
   * @returns the bound address
   * @throws the system's error (EADDRINUSE, EACCES, …) when it cannot listen
   * @throws SettingsError when the certificate cannot be used
   * @throws Error when the host is closed, starting, or already listening
   */
  start(): Promise<AddressInfo> {
    const { listener } = this.#parts;
    return this.#oneAtATime(async () => {
      if (listener.server.listening) throw new Error('the host is already listening');
      for (const note of compatibilityNotes(this.#settings)) this.#logger.warn({}, note);
      await listener.prepare();
      const [door] = await Promise.all([this.#prepare(), this.#parts.openQuestions()]);
      if (!listener.isWatched) this.#parts.receive(door);
      await listener.listen(this.#settings);
      this.#parts.announce();
      this.#parts.openHttp();
      return this.address;
    });
  }

  /**
   * Serves WebSockets on a server that the embedding program already has. The server stays the program's own: it
   * listens, answers plain requests and limits its connections, and `close` leaves it open.
   * @param path takes handshakes on this path only, and leaves others to the server's other listeners
   */
  attach(server: Server, path?: string): Promise<void> {
    return this.#oneAtATime(async () => {
      const { onUpgrade } = await this.#prepare();
      const listener = path === undefined ? onUpgrade : atPath(path, onUpgrade);
      server.on('upgrade', listener);
      this.#detach.push(() => server.off('upgrade', listener));
    });
  }

  /** The bound address. @throws when the host is not listening */
  get address(): AddressInfo {
    return this.#parts.listener.address;
  }

  /** How many rooms have members. */
  get roomCount(): number {
    return this.#parts.conference.roomCount;
  }

  /** The rooms that have members on this host, oldest first. */
  rooms(): string[] {
    return Array.from(this.#parts.conference.rooms.values(), ({ name }) => name);
  }

  /** The streams of a room, including those on other nodes. Empty if the room has no member on this host. */
  roster(room: string): string[] {
    const { conference } = this.#parts;
    const found = conference.rooms.get(room);
    return found === undefined ? [] : Array.from(conference.streams(found), ({ name }) => name);
  }

  /** The members of a room on this host. */
  members(room: string): MemberFacts[] {
    return Array.from(this.#parts.conference.rooms.get(room)?.members ?? [], ({ facts }) => facts);
  }

  /** Removes a member, as an operator does: closes it with 4403. @returns whether a member has this id */
  remove(id: number): boolean {
    const member = this.#parts.members.find(id);
    member?.close(removal);
    return member !== undefined;
  }

  /** The state of the link to the other nodes of the cluster. */
  get backplaneStatus(): BackplaneStatus {
    return this.#parts.conference.backplaneStatus;
  }

  /**
   * Stops admitting, waits until all members have left or `drainTimeout` has passed, then closes like `closeNow`.
   */
  async close(): Promise<void> {
    if (this.#settings.drainTimeout > 0) await this.#drain();
    await this.closeNow();
  }

  /**
   * Stops listening and broadcasting, and closes every socket with 1001. Resolves when all are gone; a socket that
   * does not answer is destroyed after 2 s.
   */
  closeNow(): Promise<void> {
    this.#stopDraining.abort();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A second start would see the first one half done. */
  async #oneAtATime<T>(start: () => Promise<T>): Promise<T> {
    this.#assertNotClosed();
    if (this.#starting !== undefined) throw new Error('the host is already starting');
    const starting = start();
    this.#starting = starting;
    try {
      return await starting;
    } finally {
      this.#starting = undefined;
    }
  }

  /** Opens the door and joins the cluster. Steps that already succeeded are not repeated. */
  async #prepare(): Promise<Door> {
    this.#door ??= await this.#parts.openDoor();
    if (!this.#isSharing) await this.#parts.share();
    this.#isSharing = true;
    this.#assertNotClosed();
    return this.#door;
  }

  #assertNotClosed(): void {
    if (this.#closing !== undefined) throw new Error('the host is closed');
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    this.#logger.info({ rooms: this.roomCount, seconds: this.#settings.drainTimeout }, 'draining');
    const timeIsUp = AbortSignal.timeout(this.#settings.drainTimeout * 1_000);
    const signal = AbortSignal.any([timeIsUp, this.#stopDraining.signal]);
    while (this.roomCount > 0 && !signal.aborted) {
      await once(this.events, 'left', { signal }).catch(() => {});
    }
  }

  async #close(): Promise<void> {
    const { listener, connections, members } = this.#parts;
    await this.#starting?.catch(() => {});
    for (const detach of this.#detach) detach();
    const closed = listener.close();
    connections.close();
    this.#parts.closeHttp();
    this.#parts.fallSilent();
    const gone = members.sendAway(refusals.goingAway);
    await Promise.all([closed, gone, this.#parts.stopSharing(gone)]);
    members.stop();
    this.#parts.endLog();
    this.#logger.info({}, 'closed');
  }
}
