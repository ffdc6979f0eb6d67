/**
 * Every setting in one table: variable, flag, default, meaning and check. `--help`, the README's table and
 * the options of an embedding program all come from it. The only place that knows a setting's names.
 */
import { compile } from 'proxy-addr';
import {
  bearerToken,
  httpUrl,
  isOrigin,
  type Kind,
  list,
  oneOf,
  redisUrl,
  seconds,
  secretText,
  text,
  textOf,
  trueOrFalse,
  wholeNumber,
} from './kinds';
import { SSL_MEANS } from './rules';

/** What settings open and close. `doors.ts` says how each stands. */
export type Door = 'network' | 'addresses' | 'wire' | 'pages' | 'joining' | 'dashboard' | 'metrics';

export interface Setting<T> {
  /** The environment variable. The flag is the same in kebab case, the embedding option in camel case. */
  readonly variable: string;
  readonly default: T;
  /** Says the default where its value does not. */
  readonly defaultMeans?: string;
  readonly kind: Kind<NonNullable<T>>;
  readonly meaning: string;
  /** Its value is never shown, and may come from a file. */
  readonly secret?: boolean;
  /** The door that it guards: given without a value it would leave that door as it comes, so that is a mistake. */
  readonly guards?: Door;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Claims that say what a token is good for. */
const JOIN_CLAIMS = new Set(['room', 'streamName']);
const WHEN_EXPIRED = ['stay', 'close'] as const;

/** One entry a setting; its value's type is `Settings[name]`. */
export const settingsTable = {
  port: setting<number>({
    variable: 'PORT',
    default: 8001,
    kind: wholeNumber(0, 65_535),
    meaning: 'TCP port to listen on; 0 takes a free one',
  }),
  host: setting<string | undefined>({
    variable: 'HOST',
    guards: 'network',
    default: undefined,
    defaultMeans: 'all interfaces',
    kind: text('an address or a host name', 'address'),
    meaning: 'address to listen on',
  }),
  logLevel: setting<(typeof LOG_LEVELS)[number]>({
    variable: 'LOG_LEVEL',
    default: 'info',
    kind: oneOf(LOG_LEVELS),
    meaning: 'the least severe level that is logged',
  }),
  adminToken: optional({
    variable: 'ADMIN_TOKEN',
    guards: 'dashboard',
    kind: bearerToken(16),
    secret: true,
    meaning: 'opens dashboard, metrics and rooms API to who knows it; without a token they answer 404',
  }),
  metricsToken: optional({
    variable: 'METRICS_TOKEN',
    guards: 'metrics',
    kind: bearerToken(16),
    secret: true,
    meaning: 'opens the same for reading, as Prometheus does: it removes nobody',
  }),
  trustProxy: setting<readonly string[]>({
    variable: 'TRUST_PROXY',
    guards: 'addresses',
    default: [],
    defaultMeans: 'none',
    kind: list('a comma list of addresses, CIDR ranges, loopback or private', 'proxies', isProxy),
    meaning: 'proxies whose X-Forwarded-For is believed',
  }),
  maxConnections: setting<number>({
    variable: 'MAX_CONNECTIONS',
    default: 20_000,
    kind: wholeNumber(1, 1_000_000),
    meaning: 'sockets on this node; never above its open-files limit less 64',
  }),
  maxConnectionsPerIp: setting<number>({
    variable: 'MAX_CONNECTIONS_PER_IP',
    default: 256,
    kind: wholeNumber(1, 1_000_000),
    meaning:
      'connections from one address, members or not, unless it is loopback or private, where proxies live',
  }),
  maxHandshakesPerIp: setting<number>({
    variable: 'MAX_HANDSHAKES_PER_IP',
    default: 50,
    kind: wholeNumber(1, 1_000_000),
    meaning: 'handshakes, and as many plain requests, a second from one address, with the same exception',
  }),
  maxRoomSize: setting<number>({
    variable: 'MAX_ROOM_SIZE',
    default: 5_000,
    kind: wholeNumber(1, 1_000_000),
    meaning: 'sockets in one room',
  }),
  pingInterval: setting<number>({
    variable: 'PING_INTERVAL',
    default: 15,
    kind: seconds(0.01, 3_600),
    meaning: 'seconds of silence after which a peer is pinged',
  }),
  pongTimeout: setting<number>({
    variable: 'PONG_TIMEOUT',
    default: 10,
    kind: seconds(0.01, 3_600),
    meaning: 'seconds of silence after that ping after which it is dropped',
  }),
  drainTimeout: setting<number>({
    variable: 'DRAIN_TIMEOUT',
    default: 0,
    kind: seconds(0, 86_400),
    meaning: 'seconds that a stop lets members stay before they are told to go',
  }),
  tlsCert: optional({
    variable: 'TLS_CERT',
    guards: 'wire',
    kind: text('the path of a PEM file', 'file'),
    meaning: 'certificate and chain (PEM): wss and https; a renewed one is used without a restart',
  }),
  tlsKey: optional({
    variable: 'TLS_KEY',
    guards: 'wire',
    kind: text('the path of a PEM file', 'file'),
    meaning: 'private key of the certificate (PEM)',
  }),
  ssl: setting<boolean>({
    variable: 'SSL',
    guards: 'wire',
    default: false,
    kind: trueOrFalse,
    meaning: `for those who migrate: true stands for ${written(SSL_MEANS.tlsCert, SSL_MEANS.tlsKey)}, and port ${SSL_MEANS.port} where none is given`,
  }),
  allowedOrigins: setting<readonly string[]>({
    variable: 'ALLOWED_ORIGINS',
    guards: 'pages',
    default: ['*'],
    kind: list(
      'origins between commas, such as https://a.example, https://*.b.example, http://localhost:5000, null or *',
      'origins',
      isOrigin,
    ),
    meaning: 'origins whose pages may connect; clients without an Origin (phones, servers) always may',
  }),
  jwtSecret: optional({
    variable: 'JWT_SECRET',
    guards: 'joining',
    kind: secretText(32),
    secret: true,
    meaning: 'members must bring a token signed with this secret (HS256)',
  }),
  jwtSecretPrevious: optional({
    variable: 'JWT_SECRET_PREVIOUS',
    guards: 'joining',
    kind: secretText(32),
    secret: true,
    meaning: 'a second secret whose tokens are good as well, while JWT_SECRET is replaced',
  }),
  jwtJwksUrl: optional({
    variable: 'JWT_JWKS_URL',
    guards: 'joining',
    kind: httpUrl('with query'),
    secret: true,
    meaning: 'members must bring a token signed by a key of this key server (RS256, ES256, EdDSA, Ed25519)',
  }),
  jwtIssuer: optional({
    variable: 'JWT_ISSUER',
    guards: 'joining',
    kind: text('an issuer', 'issuer'),
    meaning: 'the iss that tokens must have',
  }),
  jwtAudience: optional({
    variable: 'JWT_AUDIENCE',
    guards: 'joining',
    kind: text('an audience', 'audience'),
    meaning: 'the aud that tokens must have',
  }),
  jwtRequire: setting<readonly string[] | undefined>({
    variable: 'JWT_REQUIRE',
    guards: 'joining',
    default: undefined,
    defaultMeans: 'none',
    kind: list('a comma list of room and streamName', 'claims', (item) => JOIN_CLAIMS.has(item)),
    meaning: 'claims without which a token is refused: room, streamName or both',
  }),
  jwtExpired: setting<(typeof WHEN_EXPIRED)[number]>({
    variable: 'JWT_EXPIRED',
    guards: 'joining',
    default: 'stay',
    kind: oneOf(WHEN_EXPIRED),
    meaning: 'what a member does when its token expires: stay until it leaves, or close (4410)',
  }),
  authUrl: optional({
    variable: 'AUTH_URL',
    guards: 'joining',
    kind: httpUrl('without query'),
    secret: true,
    meaning: 'Red5 Pro round-trip authentication: the backend that the media server asks',
  }),
  redisUrl: optional({
    variable: 'REDIS_URL',
    kind: redisUrl(),
    secret: true,
    meaning: 'Redis over which rooms are shared with other nodes',
  }),
  redisPrefix: setting<string>({
    variable: 'REDIS_PREFIX',
    default: 'conference',
    kind: textOf(/^[\w.:-]{1,64}$/, '1 to 64 of the characters A-Z a-z 0-9 _ . : -', 'text'),
    meaning: 'what all keys and channels in Redis begin with; nodes that share rooms have the same',
  }),
  handoverGrace: setting<number>({
    variable: 'HANDOVER_GRACE',
    default: 5,
    kind: seconds(0, 60),
    meaning:
      'seconds for which the streams of a node that stops stay listed on the others, unless back before',
  }),
};

/** All settings, resolved: each has its value, and none can change. */
export type Settings = { readonly [K in keyof typeof settingsTable]: (typeof settingsTable)[K]['default'] };

/** The environment variable of a setting, as messages name it. */
export function variableOf(name: string): string {
  return (
    Object.entries<Setting<unknown>>(settingsTable).find(([known]) => known === name)?.[1].variable ?? name
  );
}

/** The flag of a setting, such as `--log-level`. */
export function flagOf({ variable }: Pick<Setting<unknown>, 'variable'>): string {
  return `--${variable.toLowerCase().replaceAll('_', '-')}`;
}

/** A setting's default, in words. */
export function defaultOf(setting: Setting<unknown>): string {
  return setting.defaultMeans ?? String(setting.default);
}

/** `private` stands for what `proxy-addr` calls `uniquelocal`: 10/8, 172.16/12, 192.168/16 and fc00::/7. */
function isProxy(item: string): boolean {
  try {
    compile(item === 'private' ? 'uniquelocal' : item);
    return true;
  } catch {
    return false;
  }
}

function setting<T>(entry: Setting<T>): Setting<T> {
  return entry;
}

/** A setting that is off unless it is given. */
function optional(entry: Omit<Setting<string>, 'default'>): Setting<string | undefined> {
  return { ...entry, default: undefined, defaultMeans: 'off' };
}

export function written(cert: string, key: string): string {
  return `TLS_CERT=${cert} TLS_KEY=${key}`;
}
