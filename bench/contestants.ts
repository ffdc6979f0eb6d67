/** Who takes part: the host, and its peers. All are compiled JavaScript; what V8 flags one needs, it sets itself. */
import { join } from 'node:path';
import { bare, type Dialect, socketIo } from './load/dialect';

export type ContestantName = 'host' | 'plain-ws' | 'socket.io';

export interface Contestant {
  readonly name: ContestantName;
  /** What `node` runs. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly dialect: Dialect;
}

/** Compiled, this file stands in bench/dist/. */
const ROOT = join(__dirname, '..', '..');

/** As it is shipped. */
export const host: Contestant = {
  name: 'host',
  script: join(ROOT, 'dist', 'main.js'),
  env: {},
  dialect: bare,
};

export const plainWs: Contestant = {
  name: 'plain-ws',
  script: join(__dirname, 'peers', 'plain-ws', 'server.js'),
  env: {},
  dialect: bare,
};

export const socketIoServer: Contestant = {
  name: 'socket.io',
  script: join(__dirname, 'peers', 'socket.io', 'server.js'),
  env: {},
  dialect: socketIo,
};

/** What the host's nodes share their rooms by, without the rest of it. */
export const backplaneAlone: Contestant = { ...host, script: join(__dirname, 'backplane-node.js') };

export const contestants: readonly Contestant[] = [host, plainWs, socketIoServer];

/** Where a quick run has no time for the third. */
export const duel: readonly Contestant[] = [host, plainWs];
