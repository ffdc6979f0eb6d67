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
  /** What its token says. */
  readonly claims?: object;
}

/** What a check has found. */
export type Verdict = Refused | Admitted;

export type CredentialCheck = (applicant: Applicant) => Promise<Verdict>;

/** Whether the client may join. Never rejects: a check that fails lets nobody in. */
export type Authorise = CredentialCheck;

/** What the application finds: it lets somebody in, perhaps only as long as the room has fewer sockets than `maxSize`. */
export type Leave = Refused | { readonly refusal: undefined; readonly maxSize?: number };

/** Whether the application lets somebody in whose credentials are good. Never rejects. */
export type AskFirst = (applicant: Applicant & Pick<Admitted, 'claims'>) => Promise<Leave>;
