/** Builds the door from the settings: checks for handshakes and for plain requests. */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Clock } from '../clock';
import type { Events } from '../events';
import type { Connections } from '../listening/connections';
import type { Logger } from '../logging/limiter';
import { type AuthSettings, createAuthorise } from './auth/authorise';
import { checkHandshake } from './handshake';
import type { Limits } from './limits';
import { originCheck, type PageCheck } from './origin';
import { refusals } from './refusals';
import { requestListener } from './requests';
import { type Check, type Handshake, type UpgradeListener, upgradeListener } from './upgrade';

export interface OpenDoorParts {
  readonly settings: AuthSettings;
  readonly checkPage: PageCheck;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: Events;
  readonly connections: Connections;
  readonly limits: Limits;
  readonly clientAddress: (request: IncomingMessage) => string;
  readonly handshake: Handshake;
  /** Whether the host no longer admits anyone. */
  readonly isStopping: () => boolean;
  /** Whether a file descriptor is left for one more socket. */
  readonly hasRoom: () => boolean;
  /** Whether a plain request may have a long body, or one that does not say how long. */
  readonly takesBody: (request: IncomingMessage) => boolean;
  /** Answers plain requests that pass the checks. */
  readonly answer: RequestListener;
}

/** Listeners for a server's events. */
export interface Door {
  readonly onUpgrade: UpgradeListener;
  readonly onRequest: RequestListener;
}

/** Loads only what the settings need. */
export async function openDoor(parts: OpenDoorParts): Promise<Door> {
  const { settings, checkPage, logger, limits, isStopping, hasRoom } = parts;
  const { clock, events, connections, clientAddress, handshake, takesBody, answer } = parts;
  const checks: Check[] = [
    (_request, address) => limits.checkHandshakeRate(address),
    () => (isStopping() ? refusals.draining : undefined),
    () => (hasRoom() ? undefined : refusals.noDescriptor),
    checkHandshake,
    originCheck(checkPage),
  ];
  return {
    onUpgrade: upgradeListener({
      connections,
      clientAddress,
      checks,
      handshake,
      checkJoin: (joining, address) =>
        isStopping() ? refusals.goingAway : limits.checkJoin(joining, address),
      authorise: await createAuthorise(settings, events),
      events,
      onError: (error) => logger.error({ err: error }, 'a handshake failed'),
    }),
    onRequest: requestListener({
      clock,
      connections,
      clientAddress,
      checkRate: (_request, address) => limits.checkRequestRate(address),
      takesBody,
      answer,
      events,
      onError: (error) => logger.error({ err: error }, 'a plain request failed'),
    }),
  };
}
