/** All scenarios, in the order in which they are played. */
import type { Case, Effort, ScenarioName } from '../scenario';
import { changes } from './changes';
import { churn } from './churn';
import { cluster } from './cluster';
import { exodus } from './exodus';
import { idle } from './idle';
import { latency } from './latency';
import { manyRooms, stall } from './loud-rooms';
import { manySockets, quiet } from './quiet';
import { quietJoin } from './quiet-join';
import { slowPeer } from './slow-peer';
import { start } from './start';
import { storm } from './storm';
import { tlsStorm } from './tls';
import { webhooks } from './webhooks';

export const scenarios: Readonly<Record<ScenarioName, (effort: Effort) => Case[]>> = {
  start,
  latency,
  churn,
  storm,
  exodus,
  idle,
  'slow-peer': slowPeer,
  'join-250': quietJoin,
  changes,
  stall,
  'many-rooms': manyRooms,
  'tls-storm': tlsStorm,
  'quiet-5000': quiet,
  'many-sockets': manySockets,
  webhooks,
  cluster,
};
