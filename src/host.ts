/** A host as its program sees it: starts it, asks it who is there, and closes it in order. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BackplaneEvents, BackplaneStatus } from './conference/backplane-status';
import type { Door } from './door/open';
import { refusals } from './door/refusals';
import { atPath } from './door/upgrade';
import type { ConferenceEvents, MemberFacts } from './events';
import type { IsolatedEmitter } from './isolated-emitter';
import { type Logger, silentLogger } from './logging/events';
import { type HostOverrides, Parts } from './parts';
import { compatibilityNotes, resolveOptions } from './settings/resolve';
import type { Settings } from './settings/table';

/** Every option has the default that the README's settings table gives. */
export interface HostOptions extends Partial<Omit<Settings, 'logLevel'>> {
  /** Where the host logs; nowhere unless given. Any pino logger fits. */
  readonly logger?: Logger;
}

export class ConferenceHost {
  /** Emits what `ConferenceEvents` lists. What a listener throws is logged, and harms nothing. */
  readonly events: IsolatedEmitter<ConferenceEvents>;
  /** Emits `state` and `propagated`; nothing where the host is alone. */
  readonly backplaneEvents: IsolatedEmitter<BackplaneEvents>;
  readonly #settings: Settings;
  readonly #logger: Logger;
  readonly #parts: Parts;
  readonly #stopDraining = new AbortController();
  /** Takes the host off the servers of the embedding program. */
  readonly #detach: (() => void)[] = [];
  #door: Door | undefined;
  #isSharing = false;
  #starting: Promise<unknown> | undefined;
  #draining = false;
  #closing: Promise<void> | undefined;

  /** @throws SettingsError when an option has a value that it does not take */
  constructor({ logger = silentLogger, ...options }: HostOptions = {}, overrides: HostOverrides = {}) {
    this.#settings = resolveOptions(options);
    this.#logger = logger;
    const isStopping = () => this.#draining || this.#closing !== undefined;
    this.#parts = new Parts(this.#settings, logger, isStopping, overrides);
    this.events = this.#parts.events;
    this.backplaneEvents = this.#parts.backplaneEvents;
  }

  /**
   * Starts listening. May be tried again where it has failed.
   * @returns the address that was bound
   * @throws the system's error (EADDRINUSE, EACCES, …) when the port cannot be had
   * @throws SettingsError when the certificate cannot be used
   * @throws Error when the host is closed, is starting, or listens already
   */
  start(): Promise<AddressInfo> {
    const { listener } = this.#parts;
    return this.#oneAtATime(async () => {
      if (listener.server.listening) throw new Error('the host listens already');
      for (const note of compatibilityNotes(this.#settings)) this.#logger.warn({}, note);
      await listener.prepare();
      const door = await this.#prepare();
      if (!listener.isWatched) this.#parts.receive(door);
      await listener.listen(this.#settings);
      this.#parts.announce();
      this.#parts.openHttp();
      return this.address;
    });
  }

  /**
   * Lets in whoever asks a server of the embedding program for a WebSocket. The server stays the program's own: it
   * listens, answers plain requests and guards its connections, and `close` leaves it open.
   * @param path takes the handshakes of this path only, and leaves the others to other listeners of the server
   */
  attach(server: Server, path?: string): Promise<void> {
    return this.#oneAtATime(async () => {
      const { onUpgrade } = await this.#prepare();
      const listener = path === undefined ? onUpgrade : atPath(path, onUpgrade);
      server.on('upgrade', listener);
      this.#detach.push(() => server.off('upgrade', listener));
    });
  }

  /** Where the host listens. @throws when it does not */
  get address(): AddressInfo {
    return this.#parts.listener.address;
  }

  /** How many rooms have members. */
  get roomCount(): number {
    return this.#parts.conference.roomCount;
  }

  /** The rooms that have members on this host, in the order in which they opened. */
  rooms(): string[] {
    return Array.from(this.#parts.conference.rooms.values(), ({ name }) => name);
  }

  /** The streams of a room as its members hear them, those of other nodes included. Empty where no member is here. */
  roster(room: string): string[] {
    const { conference } = this.#parts;
    const found = conference.rooms.get(room);
    return found === undefined ? [] : Array.from(conference.streams(found), ({ name }) => name);
  }

  /** The members of a room on this host. */
  members(room: string): MemberFacts[] {
    return Array.from(this.#parts.conference.rooms.get(room)?.members ?? [], ({ facts }) => facts);
  }

  /** Removes a member, as an operator does: it is told 4403. @returns whether there was one with this id */
  remove(id: number): boolean {
    const member = this.#parts.members.find(id);
    member?.close(refusals.removed);
    return member !== undefined;
  }

  /** How this host stands with the other nodes of its cluster. */
  get backplaneStatus(): BackplaneStatus {
    return this.#parts.conference.backplaneStatus;
  }

  /**
   * Lets nobody in any more, waits until all members have left or `drainTimeout` is up, then closes as
   * `closeNow` does.
   */
  async close(): Promise<void> {
    if (this.#settings.drainTimeout > 0) await this.#drain();
    await this.closeNow();
  }

  /**
   * Stops listening and broadcasting, and tells every socket 1001. Done when all are gone, which those that
   * do not answer are after 2 s.
   */
  closeNow(): Promise<void> {
    this.#stopDraining.abort();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A second start would find half of the first. */
  async #oneAtATime<T>(start: () => Promise<T>): Promise<T> {
    this.#assertNotClosed();
    if (this.#starting !== undefined) throw new Error('the host is starting already');
    const starting = start();
    this.#starting = starting;
    try {
      return await starting;
    } finally {
      this.#starting = undefined;
    }
  }

  /** Opens the door and joins the other nodes. What has succeeded once is not done again. */
  async #prepare(): Promise<Door> {
    this.#door ??= await this.#parts.openDoor();
    if (!this.#isSharing) await this.#parts.conference.start();
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
    const { listener, connections, conference, members } = this.#parts;
    await this.#starting?.catch(() => {});
    for (const detach of this.#detach) detach();
    const closed = listener.close();
    connections.close();
    this.#parts.closeHttp();
    conference.fallSilent();
    const gone = members.sendAway(refusals.goingAway);
    await Promise.all([closed, gone, conference.stop()]);
    members.stop();
    this.#parts.endLog();
    this.#logger.info({}, 'closed');
  }
}
