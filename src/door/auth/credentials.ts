/** Where clients carry their credentials. */
import type { IncomingMessage } from 'node:http';
import { queryParameters, SUBPROTOCOL } from '../../conference/protocol';

/** What the Testbed and the media server's clients put into their query; empty where it is not there. */
export interface QueryCredentials {
  readonly username: string;
  readonly password: string;
  readonly token: string;
}

type Carrier = Pick<IncomingMessage, 'headers' | 'url'>;

/**
 * The token of a request: that of the header `Authorization: Bearer`, else of the query, else the subprotocol
 * that is offered right after ours.
 */
export function findToken({ headers, url }: Carrier): string | undefined {
  return (
    bearerToken(headers.authorization) ||
    queryCredentials({ url }).token ||
    subprotocolToken(headers['sec-websocket-protocol'])
  );
}

export function queryCredentials({ url }: Pick<Carrier, 'url'>): QueryCredentials {
  const parameters = queryParameters(url ?? '');
  const [username = '', password = '', token = ''] = ['username', 'password', 'token'].map((name) =>
    parameters.get(name),
  );
  return { username, password, token };
}

/** RFC 6750, section 2.1; the scheme's name is case-insensitive (RFC 9110, section 11.1). */
function bearerToken(header = ''): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header)?.[1];
}

function subprotocolToken(header = ''): string | undefined {
  const offered = header.split(',').map((name) => name.trim());
  const ours = offered.indexOf(SUBPROTOCOL);
  return ours < 0 ? undefined : offered[ours + 1];
}
