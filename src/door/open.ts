/** The door as the settings ask for it: who gets in by a handshake, and whose plain requests are answered. */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Clock } from '../clock';
import type { Events } from '../events';
import type { Connections } from '../listening/connections';
import type { Logger } from '../logging/limiter';
import { type AuthSettings, createAuthorise } from './auth/authorise';
import { checkHandshake } from './handshake';
import type { Limits } from './limits';
import { originCheck } from './origin';
import { refusals } from './refusals';
import { requestListener } from './requests';
import { type Check, type Handshake, type UpgradeListener, upgradeListener } from './upgrade';

export interface DoorSettings extends AuthSettings {
  readonly allowedOrigins: readonly string[];
}

export interface OpenDoorParts {
  readonly settings: DoorSettings;
  /** How messages name the setting of the origins. */
  readonly originsLabel: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: Events;
  readonly connections: Connections;
  readonly limits: Limits;
  readonly clientAddress: (request: IncomingMessage) => string;
  readonly handshake: Handshake;
  /** Whether nobody is let in any more. */
  readonly isStopping: () => boolean;
  /** Whether there is a descriptor for one more socket. */
  readonly hasRoom: () => boolean;
  /** Whether a plain request may have a long body, or one that does not say how long. */
  readonly takesBody: (request: IncomingMessage) => boolean;
  /** Answers the plain requests that pass. */
  readonly answer: RequestListener;
}

/** The listeners of a server. */
export interface Door {
  readonly onUpgrade: UpgradeListener;
  readonly onRequest: RequestListener;
}

/** What the settings do not ask for is not loaded. */
export async function openDoor(parts: OpenDoorParts): Promise<Door> {
  const { settings, originsLabel, logger, limits, isStopping, hasRoom } = parts;
  const { clock, events, connections, clientAddress, handshake, takesBody, answer } = parts;
  const checks: Check[] = [
    (_request, address) => limits.checkHandshakeRate(address),
    () => (isStopping() ? refusals.draining : undefined),
    () => (hasRoom() ? undefined : refusals.noDescriptor),
    checkHandshake,
    originCheck(settings.allowedOrigins, originsLabel),
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
