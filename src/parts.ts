/** Builds the parts of a host and wires them together. */
import type { IncomingMessage } from 'node:http';
import { type BackplaneOverrides, createBackplane } from './backplane/create';
import { type Clock, systemClock } from './clock';
import type { News } from './conference/backplane';
import type { BackplaneEvents } from './conference/backplane-status';
import { Conference } from './conference/conference';
import { InFlight } from './conference/in-flight';
import { noMedia } from './conference/media';
import type { MediaEvents } from './conference/media-status';
import type { Questions } from './conference/questions';
import { wantedOfMembers } from './door/auth/authorise';
import { Expiry } from './door/auth/expiry';
import { clientAddressReader, proxyCheck } from './door/client-address';
import { upgradeRequired } from './door/handshake';
import { Limits } from './door/limits';
import { type Door, openDoor } from './door/open';
import { type PageCheck, pageCheck } from './door/origin';
import { ownOrigin } from './door/own-origin';
import type { Policies } from './door/policies/policies';
import { reasonOf, refusals, removal } from './door/refusals';
import type { ConferenceEvents } from './events';
import type { Webhooks } from './hooks/webhooks';
import { isOrder } from './http/bodies';
import { Degradations } from './http/degradations';
import type { WebhookParts } from './http/parts';
import type { HttpWing } from './http/wing';
import { IsolatedEmitter } from './isolated-emitter';
import { limitsInUse } from './limits-in-use';
import { clientUrls, pageUrls } from './listening/addresses';
import { Connections } from './listening/connections';
import { descriptorBudget } from './listening/descriptors';
import { knownAddresses } from './listening/known-addresses';
import { Listener } from './listening/listener';
import { watchForMishaps } from './listening/mishaps';
import { logEvents } from './logging/events';
import type { Logger } from './logging/limiter';
import { listenerReports } from './logging/listener';
import type { LiveMedia } from './red5/live-media';
import { doors } from './settings/doors';
import { type Settings, variableOf } from './settings/table';
import type { Connection } from './sockets/connection';
import { textFrame } from './sockets/frame';
import { Members } from './sockets/members';
import { tellApplication } from './wings/application';
import { knowMedia, takeWebhooks } from './wings/media';
import { createPolicies } from './wings/policies';
import { askOtherNodes } from './wings/questions';

/** For tests only; not part of the public API. */
export interface HostOverrides {
  readonly backplane?: BackplaneOverrides;
  readonly clock?: Clock;
  /** Carries news between nodes in place of the backplane. */
  readonly news?: News;
}

export class Parts {
  readonly events: IsolatedEmitter<ConferenceEvents>;
  readonly backplaneEvents: IsolatedEmitter<BackplaneEvents>;
  readonly conference: Conference<Connection>;
  readonly members: Members;
  readonly listener: Listener;
  readonly connections: Connections;
  /** Limited by the setting and by file descriptors. */
  readonly maxConnections: number;
  readonly endLog: () => void;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #isStopping: () => boolean;
  readonly #budget = descriptorBudget();
  readonly #limits: Limits;
  readonly #inFlight = new InFlight();
  readonly #degradations: Degradations;
  readonly #clientAddress: ReturnType<typeof clientAddressReader>;
  readonly #checkPage: PageCheck;
  readonly #mediaEvents: IsolatedEmitter<MediaEvents>;
  /** Undefined where no media server can be asked. */
  readonly #media: LiveMedia | undefined;
  readonly #webhook: WebhookParts | undefined;
  /** Undefined where nobody can set any. */
  readonly #policies: Policies | undefined;
  /** Undefined where no application is told. */
  readonly #hooks: Webhooks | undefined;
  /** Undefined where nobody may ask the other nodes, or there are none. */
  #questions: Questions | undefined;
  #http: HttpWing | undefined;

  /** @param isStopping whether the host no longer admits anyone */
  constructor(settings: Settings, logger: Logger, isStopping: () => boolean, overrides: HostOverrides) {
    const listenerOnError = (error: unknown, event: string) =>
      logger.error({ err: error, event }, 'a listener of the embedding program failed');
    const events = new IsolatedEmitter<ConferenceEvents>(listenerOnError);
    const clock = overrides.clock ?? systemClock;
    const isProxy = proxyCheck(settings.trustProxy);
    const inFlight = this.#inFlight;
    const expiry = new Expiry(clock);
    this.#settings = settings;
    this.#clock = clock;
    this.#logger = logger;
    this.#isStopping = isStopping;
    this.events = events;
    this.backplaneEvents = new IsolatedEmitter<BackplaneEvents>(listenerOnError);
    this.maxConnections = Math.min(settings.maxConnections, this.#budget.members);
    this.#mediaEvents = new IsolatedEmitter<MediaEvents>(listenerOnError);
    this.#degradations = new Degradations(events, this.#mediaEvents);
    this.#clientAddress = clientAddressReader(isProxy);
    const originsLabel = variableOf('allowedOrigins');
    this.#checkPage = pageCheck(settings.allowedOrigins, originsLabel, ownOrigin(isProxy));
    this.listener = new Listener(settings, events, listenerReports(logger));
    this.connections = new Connections({ ...settings, isProxy, budget: this.#budget, clock, events });
    const surroundings = { clock, logger, events: this.backplaneEvents };
    const backplane = createBackplane(settings, surroundings, overrides.backplane);
    this.#media = knowMedia(settings, {
      clock,
      logger,
      events: this.#mediaEvents,
      news: overrides.news ?? backplane.news,
    });
    this.#webhook = this.#media && takeWebhooks(settings, this.#media);
    this.#hooks = tellApplication(settings, {
      ...{ clock, logger, events },
      listed: (room) => this.conference.listed(room),
      isHere: (room) => this.conference.isHere(room),
      isElsewhere: (room) => this.conference.isElsewhere(room),
    });
    const hooks = this.#hooks;
    this.conference = new Conference({
      clock,
      backplane,
      media: this.#media ?? noMedia,
      inFlight,
      encode: textFrame,
      onTold: (receivers, bytes, duration, changes) =>
        events.emit('told', { receivers, bytes, duration, ...(changes && { changes }) }),
      onShared: () => events.emit('shared'),
      onChanged: hooks && ((room) => hooks.changed(room)),
    });
    const roomSize = (room: string, newcomer: string) => this.conference.roomSize(room, newcomer);
    this.#limits = new Limits({ ...settings, maxConnections: this.maxConnections, roomSize });
    this.#policies = createPolicies(settings, { clock, logger, conference: this.conference });
    this.members = new Members({
      clock,
      inFlight,
      settings,
      flooding: refusals.flooding,
      sharedName: (room) => this.conference.rooms.get(room)?.name ?? room,
      joined: (member, { stream, expiresAt }) => {
        this.connections.admitted(stream);
        if (expiresAt !== undefined) expiry.watch(member, expiresAt);
        this.#limits.joined(member.address);
        this.#policies?.joined(member.facts);
        this.conference.admit(member);
      },
      left: (member, { removed }) => {
        expiry.unwatch(member);
        this.#limits.left(member.address);
        this.#policies?.left(member.facts, removed);
        this.conference.depart(member);
      },
      catchUp: (member) => this.conference.catchUp(member),
      noted: (member) => this.conference.note(member),
      inTurn: (send) => this.conference.inTurn(send),
      reasonOf,
      events,
    });
    this.endLog = logEvents(events, logger, clock);
  }

  /** Loads only what the settings need. */
  openDoor(): Promise<Door> {
    return openDoor({
      settings: this.#settings,
      checkPage: this.#checkPage,
      clock: this.#clock,
      logger: this.#logger,
      events: this.events,
      connections: this.connections,
      limits: this.#limits,
      policies: this.#policies,
      clientAddress: this.#clientAddress,
      handshake: (request, stream, head) => this.members.handshake(request, stream, head),
      isStopping: this.#isStopping,
      hasRoom: () => this.members.openSockets < this.#budget.sockets,
      takesBody: (request) => this.#takesBody(request),
      answer: (request, response) => this.#http?.listener(request, response),
    });
  }

  /** Attaches the door to the host's own server. */
  receive({ onUpgrade, onRequest }: Door): void {
    const { server, encrypts } = this.listener;
    this.connections.watch(server, encrypts);
    watchForMishaps(server, this.connections);
    server.on('upgrade', onUpgrade);
    server.on('request', onRequest);
    server.on('checkExpectation', onRequest);
  }

  /** Logs the addresses, the pages and the state of each door. */
  announce(): void {
    const { listener, maxConnections } = this;
    const { adminToken, metricsToken } = this.#settings;
    const urls = clientUrls(listener.address, listener.scheme);
    const pages = pageUrls(urls, (adminToken ?? metricsToken) !== undefined);
    this.#logger.info({ urls, pages, maxConnections }, 'listening');
    this.#logger.info({ doors: doors(this.#settings) }, 'doors');
  }

  /** Loaded only once the host listens, so that pages do not delay clients. */
  openHttp(): void {
    const { createHttpWing } = require('./http/wing') as typeof import('./http/wing');
    const backplaneStatus = () => this.conference.backplaneStatus;
    this.#http = createHttpWing({
      events: this.events,
      rooms: this.conference.rooms,
      streams: (room) => this.conference.streams(room),
      findMember: (id) => this.members.find(id),
      adminToken: this.#settings.adminToken,
      metricsToken: this.#settings.metricsToken,
      grafanaUrl: this.#settings.grafanaUrl,
      clientAddress: this.#clientAddress,
      checkPage: this.#checkPage,
      wants: wantedOfMembers(this.#settings),
      addresses: () => knownAddresses(this.listener.address),
      ready: () => !this.#isStopping(),
      questions: this.#questions,
      limits: () =>
        limitsInUse({ ...this.#settings, maxConnections: this.maxConnections }, this.#limits, {
          largestRoom: this.conference.largestRoom,
          bytes: this.#inFlight.bytes,
        }),
      health: () => this.#degradations.health(backplaneStatus()),
      backplane: {
        status: backplaneStatus,
        look: () => this.conference.lookForNodes(),
        events: this.backplaneEvents,
      },
      media: this.#media && { view: this.#media, events: this.#mediaEvents },
      held: (room) => this.conference.held(room),
      webhook: this.#webhook,
      policies: this.#policies,
      tell: (room, message) => this.conference.tell(room, message),
      hooks: this.#hooks,
      removed: removal,
      upgradeRequired,
      onError: (error) => this.#logger.error({ err: error }, 'a plain request failed'),
    });
  }

  /** Once this node listens it can be asked, and ask the others. */
  async openQuestions(): Promise<void> {
    if (this.#questions !== undefined) return;
    const { backplaneStatus } = this.conference;
    this.#questions = askOtherNodes(this.#settings, backplaneStatus, this.#clock, this.#logger);
    await this.#questions?.start();
  }

  /** Joins the other nodes, and begins to tell the application. */
  async share(): Promise<void> {
    await Promise.all([this.conference.start(), this.#policies?.start()]);
    this.#hooks?.start();
  }

  /** @param gone settles when all members are away */
  async stopSharing(gone: Promise<unknown>): Promise<void> {
    this.#policies?.stop();
    await Promise.all([this.conference.stop(), this.#hooks?.stop(gone)]);
  }

  #takesBody(request: IncomingMessage): boolean {
    const isWebhook = this.#webhook?.isFor(request) ?? false;
    return isWebhook || (this.#policies !== undefined && isOrder(request));
  }

  closeHttp(): void {
    this.#http?.close();
    this.#questions?.stop();
  }

  /** Members are sent away now, and nobody is told of each who goes. */
  fallSilent(): void {
    this.conference.fallSilent();
    this.#hooks?.standStill();
  }
}
