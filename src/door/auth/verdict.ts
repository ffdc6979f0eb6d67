/** What a check of credentials is given, and what it finds. */
import type { IncomingMessage } from 'node:http';
import type { Grant, JoinRequest } from '../../conference/protocol';
import type { Close } from '../refusals';

/** A client whose handshake is done, and which has not joined yet. */
export interface Applicant {
  readonly request: Pick<IncomingMessage, 'headers' | 'url'>;
  readonly joining: JoinRequest;
  readonly address: string;
  /** Aborted when the client goes away, or the host closes. */
  readonly gone: AbortSignal;
}

export interface Refused {
  readonly refusal: Close;
  /** Why, for the operator; the client learns no more than the refusal says. */
  readonly problem?: string;
}

export interface Admitted extends Grant {
  readonly refusal: undefined;
  /** It may only observe. */
  readonly observe?: true;
}

/** What a check has found. */
export type Verdict = Refused | Admitted;

export type CredentialCheck = (applicant: Applicant) => Promise<Verdict>;

/** Whether the client may join. Never rejects: a check that fails lets nobody in. */
export type Authorise = CredentialCheck;
