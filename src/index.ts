/** The public API, for embedding a host in another program. */
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
 * Creates a host; `start()` makes it listen. It never touches `process`: signals, exit codes and logging are up to
 * the embedding program.
 * @throws SettingsError when an option is unknown or its value is not valid
 */
export function createConferenceHost(options: HostOptions = {}): ConferenceHost {
  return new ConferenceHost(options);
}
