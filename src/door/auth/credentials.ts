/** Where clients carry their credentials. */
import type { IncomingMessage } from 'node:http';
import { CHANGES_SUBPROTOCOL, queryParameters, SUBPROTOCOL } from '../../conference/protocol';

/** What a backend is asked about; empty where it is not there. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly token: string;
}

type Carrier = Pick<IncomingMessage, 'headers' | 'url'>;

/**
 * The token of a request: that of the header `Authorization: Bearer`, else of the query, else the subprotocol
 * that is offered right after ours, or after both where both are offered.
 */
export function findToken({ headers, url }: Carrier): string | undefined {
  return (
    bearerToken(headers.authorization) ||
    queryParameters(url ?? '').get('token') ||
    subprotocolToken(headers['sec-websocket-protocol'])
  );
}

/** User name and password as the Testbed and the media server's clients put them into their query, and the token. */
export function findCredentials(carrier: Carrier): Credentials {
  const parameters = queryParameters(carrier.url ?? '');
  const [username = '', password = ''] = ['username', 'password'].map((name) => parameters.get(name));
  return { username, password, token: findToken(carrier) ?? '' };
}

/** RFC 6750, section 2.1; the scheme's name is case-insensitive (RFC 9110, section 11.1). */
function bearerToken(header = ''): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header)?.[1];
}

function subprotocolToken(header = ''): string | undefined {
  const offered = header.split(',').map((name) => name.trim());
  const isOurs = (name: string) => name === SUBPROTOCOL || name === CHANGES_SUBPROTOCOL;
  const ours = offered.findIndex(isOurs);
  return ours < 0 ? undefined : offered.slice(ours).find((name) => !isOurs(name));
}
