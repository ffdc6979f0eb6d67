/** All scenarios, in the order in which they are played. */
import type { Case, Effort, ScenarioName } from '../scenario';
import { churn } from './churn';
import { cluster } from './cluster';
import { exodus } from './exodus';
import { idle } from './idle';
import { latency } from './latency';
import { slowPeer } from './slow-peer';
import { start } from './start';
import { storm } from './storm';

export const scenarios: Readonly<Record<ScenarioName, (effort: Effort) => Case[]>> = {
  start,
  latency,
  churn,
  storm,
  exodus,
  idle,
  'slow-peer': slowPeer,
  cluster,
};
