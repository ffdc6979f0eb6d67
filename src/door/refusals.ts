/**
 * The table of all refusals and closes: code, reason, and whether the client should come back. docs/protocol.md
 * prints it; a test keeps the two in sync.
 */

/** Whether the client should come back. */
export type ComeBack = 'no' | 'later' | 'at once';

/** The handshake succeeds, then the socket is closed with a code and a reason, which a browser can read. */
export interface Close {
  readonly how: 'close';
  readonly name: string;
  /** RFC 6455, section 7.4: 1000–2999 belong to the protocol, 4000–4999 to us. */
  readonly code: number;
  /** At most 123 bytes (RFC 6455, section 5.5). */
  readonly reason: string;
  readonly comeBack: ComeBack;
}

/** Answered before the upgrade with an HTTP status and a line of text, which a page cannot read. */
export interface HttpRefusal {
  readonly how: 'http';
  readonly name: string;
  readonly code: number;
  readonly reason: string;
  readonly comeBack: ComeBack;
  readonly headers: Readonly<Record<string, string>>;
}

export type Refusal = Close | HttpRefusal;

const close = (name: string, code: number, comeBack: ComeBack, reason: string): Close => ({
  how: 'close',
  name,
  code,
  comeBack,
  reason,
});

const http = (
  name: string,
  code: number,
  comeBack: ComeBack,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): HttpRefusal => ({ how: 'http', name, code, comeBack, reason, headers });

const UPGRADE_HEADERS = { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };

export const refusals = {
  badRequest: close(
    'bad_request',
    4400,
    'no',
    'room or streamName is missing, empty, too long or has control characters',
  ),
  unauthorised: close('unauthorised', 4401, 'no', 'the token is missing, malformed, expired or rejected'),
  forbidden: close('forbidden', 4403, 'no', 'the token is for another room or streamName'),
  watchOnly: close('watch_only', 4403, 'no', 'the token may only watch, and a member is listed as a stream'),
  removed: close('removed', 4403, 'no', 'removed by an operator'),
  banned: close('banned', 4403, 'no', 'banned by an operator'),
  notListed: close('not_listed', 4403, 'no', 'the room has a list of names, and this name is not on it'),
  locked: close('locked', 4423, 'no', 'the room is locked: nobody new may join'),
  expired: close('expired', 4410, 'at once', 'the token has expired: come back with a fresh one'),
  roomFull: close('room_full', 4429, 'later', 'the room is full'),
  nodeFull: close('node_full', 4429, 'later', 'the host is full'),
  tooManyFromAddress: close('too_many_from_address', 4429, 'later', 'too many connections from this address'),
  authUnavailable: close('auth_unavailable', 4429, 'later', 'credentials cannot be checked now'),
  authBusy: close('auth_busy', 4429, 'later', 'too many clients wait for their credentials to be checked'),
  notAdmitted: close('not_admitted', 4403, 'no', 'the application does not let you in'),
  joinUnavailable: close('join_unavailable', 4429, 'later', 'the application cannot be asked now'),
  joinBusy: close('join_busy', 4429, 'later', 'too many clients wait for the application'),
  flooding: close('flooding', 1008, 'no', 'clients have nothing to send'),
  protocolError: close('protocol_error', 1002, 'no', 'a frame breaks the WebSocket protocol'),
  badText: close('bad_text', 1007, 'no', 'a text frame or a close reason is not UTF-8'),
  tooManyFragments: close('too_many_fragments', 1008, 'no', 'a message has more than 8 fragments'),
  tooLarge: close('too_large', 1009, 'no', 'a frame is larger than 4,096 bytes'),
  goingAway: close('going_away', 1001, 'at once', 'the host is going away'),
  badHandshake: http('bad_handshake', 400, 'no', 'this is not a valid WebSocket handshake'),
  foreignOrigin: http('foreign_origin', 403, 'no', 'pages from this origin may not connect'),
  upgradeRequired: http(
    'upgrade_required',
    426,
    'no',
    'this is a conference host: open a WebSocket (version 13) to /?room=R&streamName=S',
    UPGRADE_HEADERS,
  ),
  tooFast: http('too_fast', 429, 'later', 'too many handshakes from this address; try again in a second', {
    'Retry-After': '1',
  }),
  tooManyRequests: http(
    'too_many_requests',
    429,
    'later',
    'too many requests from this address; try again in a second',
    { 'Retry-After': '1' },
  ),
  draining: http('draining', 503, 'later', 'the host is stopping; try again or elsewhere', {
    'Retry-After': '1',
  }),
  noDescriptor: http('no_descriptor', 503, 'later', 'the host has no room for another connection', {
    'Retry-After': '1',
  }),
} as const satisfies Record<string, Refusal>;

/** How a member is closed that an operator removes: marked, since clients choose what they say when they close. */
export const removal = { ...refusals.removed, removed: true } as const;

/** Codes that `ws` closes with by itself, without a reason. */
const ownReasons = new Map(
  [refusals.protocolError, refusals.badText, refusals.tooManyFragments, refusals.tooLarge].map(
    ({ code, reason }) => [code as number, reason],
  ),
);

/** The reason for a close that `ws` sent with a code only. */
export function reasonOf(code: number): string {
  return ownReasons.get(code) ?? '';
}

/** The same refusal with a more specific reason. */
export function withReason<R extends Refusal>(refusal: R, reason: string): R {
  return { ...refusal, reason };
}
