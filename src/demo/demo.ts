/** `conference-host demo`: participants come and go in the rooms of a host, so that there is something to look at. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import type { Clock } from '../clock';
import { clientUrls, pageUrls } from '../listening/addresses';
import { startLines } from '../logging/start';
import { isOnAllInterfaces } from '../settings/doors';
import { SettingsError } from '../settings/resolve';
import { type Settings, variableOf } from '../settings/table';
import { Cast, type Move, ROOMS } from './cast';

/** Milliseconds between two moves, on average. */
const PACE = 1_500;

/** What participants would need a token for, and rooms that others share. */
const EXCLUDED = ['jwtSecret', 'jwtJwksUrl', 'authUrl', 'redisUrl'] as const;

/** Settings for a demo: it has a dashboard, ends at once, and logs no joins and leaves. @throws SettingsError */
export function demoSettings(settings: Settings): Settings {
  const excluded = EXCLUDED.filter((name) => settings[name] !== undefined).map(variableOf);
  if (excluded.length > 0) {
    const why = 'its participants have no credentials, and belong in no room of others';
    throw new SettingsError(`a demo cannot run with ${excluded.join(', ')}: ${why}`);
  }
  return {
    ...settings,
    adminToken: settings.adminToken ?? randomBytes(16).toString('hex'),
    drainTimeout: 0,
    logLevel: settings.logLevel === 'info' ? 'warn' : settings.logLevel,
  };
}

/** What to look at. A token is shown only if the demo made it. */
export function demoLines(bound: AddressInfo, settings: Settings, given: Settings, version: string): string {
  const urls = clientUrls(bound, schemeOf(settings));
  const [page = '', dashboard = ''] = pageUrls(urls, true);
  const token = given.adminToken === undefined ? `#token=${settings.adminToken}` : '';
  const [what, ...rest] = startLines(
    { urls, pages: [page, `${dashboard}${token}`] },
    settings,
    version,
  ).split('\n');
  const demo = `  Demo    participants come and go in the rooms ${ROOMS.map(({ name }) => name).join(', ')}`;
  return [what, demo, ...rest].join('\n');
}

export class Demo {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #cast: Cast;
  readonly #sockets = new Map<string, WebSocket>();
  #cancel: () => void = () => {};

  /** @param bound where the host listens */
  constructor(bound: AddressInfo, settings: Settings, clock: Clock, random: () => number = Math.random) {
    const host = isOnAllInterfaces({ host: bound.address }) ? '127.0.0.1' : bound.address;
    this.#url = clientUrls({ ...bound, address: host }, schemeOf(settings))[0] ?? '';
    this.#clock = clock;
    this.#random = random;
    this.#cast = new Cast(random);
  }

  /** Fills the rooms, then moves somebody from time to time. */
  start(): void {
    while (!this.#cast.isComplete) this.#play(this.#cast.next());
    this.#later();
  }

  stop(): void {
    this.#cancel();
    for (const socket of this.#sockets.values()) socket.close();
  }

  #later(): void {
    this.#cancel = this.#clock.schedule(
      () => {
        this.#play(this.#cast.next());
        this.#later();
      },
      PACE * (0.5 + this.#random()),
    );
  }

  #play({ kind, room, name }: Move): void {
    if (kind === 'leaves') {
      this.#sockets.get(name)?.close();
      this.#sockets.delete(name);
      return;
    }
    const query = `room=${encodeURIComponent(room)}&streamName=${encodeURIComponent(name)}`;
    // It is the host of this very process: nobody else's certificate has to be verified.
    const socket = new WebSocket(`${this.#url}/?${query}`, { rejectUnauthorized: false });
    this.#sockets.set(name, socket);
    // An error is followed by a close.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#sockets.get(name) !== socket) return;
      this.#sockets.delete(name);
      this.#cast.lose(name);
    });
  }
}

function schemeOf({ tls, tlsCert }: Settings): 'ws' | 'wss' {
  return (tls ?? tlsCert) === undefined ? 'ws' : 'wss';
}
