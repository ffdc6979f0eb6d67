/** Makes what knows the media, as the settings ask for it. Loaded only where they do. */
import type { EventEmitter } from 'node:events';
import type { Clock } from '../clock';
import type { News } from '../conference/backplane';
import type { MediaEvents } from '../conference/media-status';
import type { Logger } from '../logging/limiter';
import { LiveMedia } from './live-media';
import type { RosterKind } from './room-media';
import type { Source } from './source';
import { standalone } from './standalone';
import { streamManager } from './stream-manager';

export interface MediaSettings {
  readonly red5Url: string | undefined;
  readonly red5AccessToken: string | undefined;
  readonly red5App: string;
  readonly streamManagerUrl: string | undefined;
  readonly streamManagerNodeGroup: string;
  readonly streamManagerUser: string | undefined;
  readonly streamManagerPassword: string | undefined;
  readonly roster: RosterKind;
}

export interface MediaSurroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventEmitter<MediaEvents>;
  readonly news: News | undefined;
}

/** Undefined where nobody can be asked. */
export function createMedia(settings: MediaSettings, surroundings: MediaSurroundings): LiveMedia | undefined {
  const source = sourceOf(settings, surroundings.clock);
  if (source === undefined) return undefined;
  const { logger, events } = surroundings;
  events.on('server', (problem) => {
    if (problem === undefined) return logger.info({}, 'the media server is reachable again');
    logger.error(
      { problem },
      'the media server is unreachable: no stream is removed from a roster meanwhile',
    );
  });
  return new LiveMedia({ ...surroundings, source, app: settings.red5App, kind: settings.roster });
}

function sourceOf(settings: MediaSettings, clock: Clock): Source | undefined {
  const { red5Url, red5AccessToken, red5App: app, streamManagerUrl } = settings;
  if (red5Url !== undefined && red5AccessToken !== undefined) {
    return standalone({ url: red5Url, accessToken: red5AccessToken, app }, clock);
  }
  if (streamManagerUrl === undefined) return undefined;
  const { streamManagerNodeGroup: nodeGroup, streamManagerUser: user, streamManagerPassword } = settings;
  const credentials =
    user === undefined || streamManagerPassword === undefined
      ? undefined
      : { user, password: streamManagerPassword };
  return streamManager({ url: streamManagerUrl, nodeGroup, credentials, app }, clock);
}
