/** The public API, for running a host inside another program. */
import { ConferenceHost, type HostOptions } from './host';

export type {
  BackplaneCounts,
  BackplaneEvents,
  BackplaneState,
  BackplaneStatus,
  NodeStatus,
} from './conference/backplane-status';
export type {
  AuthorisedFacts,
  AuthorityFacts,
  CertificateFacts,
  ConferenceEvents,
  CutFacts,
  CutReason,
  Departure,
  Events,
  GuessFacts,
  MemberFacts,
  OperationFacts,
  RefusedFacts,
  ToldFacts,
} from './events';
export type { ConferenceHost, HostOptions } from './host';
export type { Logger } from './logging/events';
export { SettingsError } from './settings/resolve';

/**
 * Makes a host; `start()` makes it listen. It never touches `process`: signals, exit codes and logging are
 * the embedding program's own.
 * @throws SettingsError when an option is unknown or has a value that it does not take
 */
export function createConferenceHost(options: HostOptions = {}): ConferenceHost {
  return new ConferenceHost(options);
}
