/**
 * Every setting in one table: variable, flag, default, meaning and check. `--help`, the README's table and the options
 * of embedding programs come from it. The only place that knows a setting's names.
 */
import { compile } from 'proxy-addr';
import {
  bearerToken,
  httpUrl,
  isOrigin,
  type Kind,
  list,
  oneOf,
  pathSecret,
  redisUrl,
  seconds,
  secretText,
  text,
  textOf,
  trueOrFalse,
  webhookSecret,
  wholeNumber,
} from './kinds';
import { SSL_MEANS } from './rules';

/** What settings open and close. `doors.ts` reports the state of each. */
export type Door = 'network' | 'addresses' | 'wire' | 'pages' | 'joining' | 'dashboard' | 'metrics' | 'media';

export interface Setting<T> {
  /** The environment variable. The flag is the same in kebab case, the embedding option in camel case. */
  readonly variable: string;
  readonly default: T;
  /** Describes the default if its value does not. */
  readonly defaultMeans?: string;
  readonly kind: Kind<NonNullable<T>>;
  readonly meaning: string;
  /** Its value is never shown, and can come from a file. */
  readonly secret?: boolean;
  /** The door that it guards. An empty value is then a mistake: it would leave the door open. */
  readonly guards?: Door;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Claims that restrict a token. */
const JOIN_CLAIMS = new Set(['room', 'streamName']);
const ROSTERS = ['sockets', 'live', 'both'] as const;
const WHEN_EXPIRED = ['stay', 'close'] as const;

/** One entry per setting; its value's type is `Settings[name]`. */
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
    meaning: 'the least severe level to log',
  }),
  adminToken: optional({
    variable: 'ADMIN_TOKEN',
    guards: 'dashboard',
    kind: bearerToken(16),
    secret: true,
    meaning: 'token that opens dashboard, metrics and rooms API; without a token they answer 404',
  }),
  metricsToken: optional({
    variable: 'METRICS_TOKEN',
    guards: 'metrics',
    kind: bearerToken(16),
    secret: true,
    meaning: 'token that opens the same read-only, such as for Prometheus',
  }),
  grafanaUrl: optional({
    variable: 'GRAFANA_URL',
    kind: httpUrl('with query'),
    meaning:
      'URL that the dashboard links to for older figures, such as https://grafana.example/d/conference-host',
  }),
  trustProxy: setting<readonly string[]>({
    variable: 'TRUST_PROXY',
    guards: 'addresses',
    default: [],
    defaultMeans: 'none',
    kind: list('a comma list of addresses, CIDR ranges, loopback or private', 'proxies', isProxy),
    meaning: 'proxies whose X-Forwarded-For is trusted',
  }),
  maxConnections: setting<number>({
    variable: 'MAX_CONNECTIONS',
    default: 20_000,
    kind: wholeNumber(1, 1_000_000),
    meaning: 'sockets on this node; never more than its open-files limit minus 64',
  }),
  maxConnectionsPerIp: setting<number>({
    variable: 'MAX_CONNECTIONS_PER_IP',
    default: 256,
    kind: wholeNumber(1, 1_000_000),
    meaning:
      'connections from one address, members or not; no limit for loopback and private addresses, where proxies are',
  }),
  maxHandshakesPerIp: setting<number>({
    variable: 'MAX_HANDSHAKES_PER_IP',
    default: 50,
    kind: wholeNumber(1, 1_000_000),
    meaning: 'handshakes per second from one address, and as many plain requests, with the same exception',
  }),
  maxRoomSize: setting<number>({
    variable: 'MAX_ROOM_SIZE',
    default: 5_000,
    kind: wholeNumber(1, 1_000_000),
    meaning: 'sockets in one room, on all nodes together',
  }),
  pingInterval: setting<number>({
    variable: 'PING_INTERVAL',
    default: 15,
    kind: seconds(0.01, 3_600),
    meaning: 'seconds of silence before a member is pinged',
  }),
  pongTimeout: setting<number>({
    variable: 'PONG_TIMEOUT',
    default: 10,
    kind: seconds(0.01, 3_600),
    meaning: 'seconds of silence after the ping before the member is dropped',
  }),
  drainTimeout: setting<number>({
    variable: 'DRAIN_TIMEOUT',
    default: 0,
    kind: seconds(0, 86_400),
    meaning: 'seconds that members may stay after a signal to stop',
  }),
  tlsCert: optional({
    variable: 'TLS_CERT',
    guards: 'wire',
    kind: text('the path of a PEM file', 'file'),
    meaning: 'certificate and chain (PEM) for wss and https; a renewed one is used without a restart',
  }),
  tlsKey: optional({
    variable: 'TLS_KEY',
    guards: 'wire',
    kind: text('the path of a PEM file', 'file'),
    meaning: 'private key of the certificate (PEM)',
  }),
  tls: setting<'self-signed' | undefined>({
    variable: 'TLS',
    guards: 'wire',
    default: undefined,
    defaultMeans: 'off',
    kind: {
      ...oneOf(['self-signed']),
      placeholder: 'self-signed',
      takes: 'self-signed, for development; for a certificate that you have, set TLS_CERT and TLS_KEY',
    },
    meaning:
      'self-signed makes a certificate for the names and addresses of this machine, for development only',
  }),
  stateDir: setting<string | undefined>({
    variable: 'STATE_DIR',
    default: undefined,
    defaultMeans: '~/.local/state/conference-host',
    kind: text('the path of a directory', 'directory'),
    meaning: 'directory in which TLS=self-signed keeps its certificate',
  }),
  caroot: setting<string | undefined>({
    variable: 'CAROOT',
    default: undefined,
    defaultMeans: 'where mkcert keeps it',
    kind: text('the path of a directory', 'directory'),
    meaning:
      'directory of the root certificate of mkcert, which signs the certificate of TLS=self-signed if it is there',
  }),
  ssl: setting<boolean>({
    variable: 'SSL',
    guards: 'wire',
    default: false,
    kind: trueOrFalse,
    meaning: `for migration: true means ${written(SSL_MEANS.tlsCert, SSL_MEANS.tlsKey)}, and port ${SSL_MEANS.port} if none is given`,
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
    meaning: 'the previous secret, still accepted while JWT_SECRET is being replaced',
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
    meaning: 'the iss claim that tokens must have',
  }),
  jwtAudience: optional({
    variable: 'JWT_AUDIENCE',
    guards: 'joining',
    kind: text('an audience', 'audience'),
    meaning: 'the aud claim that tokens must have',
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
    meaning: 'what happens to a member when its token expires: stay until it leaves, or close (4410)',
  }),
  authUrl: optional({
    variable: 'AUTH_URL',
    guards: 'joining',
    kind: httpUrl('without query'),
    secret: true,
    meaning: 'Red5 Pro round-trip authentication: the backend that the media server asks',
  }),
  joinUrl: optional({
    variable: 'JOIN_URL',
    guards: 'joining',
    kind: httpUrl('with query'),
    secret: true,
    meaning: 'the application to ask before somebody joins: it answers yes, no, or yes with a limit',
  }),
  joinSecret: optional({
    variable: 'JOIN_SECRET',
    guards: 'joining',
    kind: bearerToken(16),
    secret: true,
    meaning: 'sent to that application as Authorization: Bearer, so that it can trust the request',
  }),
  red5Url: optional({
    variable: 'RED5_URL',
    guards: 'media',
    kind: httpUrl('without query'),
    meaning: 'a standalone Red5 Pro to ask which streams are live, such as http://red5:5080',
  }),
  red5AccessToken: optional({
    variable: 'RED5_ACCESS_TOKEN',
    guards: 'media',
    kind: text('the security.accessToken of the Red5 Pro API', 'token'),
    secret: true,
    meaning: 'the security.accessToken of its API',
  }),
  streamManagerUrl: optional({
    variable: 'STREAM_MANAGER_URL',
    guards: 'media',
    kind: httpUrl('without query'),
    meaning: 'the Stream Manager 2.0 of an autoscaled Red5 Pro to ask instead, such as https://sm.example',
  }),
  streamManagerNodeGroup: setting<string>({
    variable: 'STREAM_MANAGER_NODE_GROUP',
    default: 'default',
    kind: text('the name of a node group', 'group'),
    meaning: 'the node group of the Stream Manager',
  }),
  streamManagerUser: optional({
    variable: 'STREAM_MANAGER_USER',
    guards: 'media',
    kind: text('a user name', 'user'),
    meaning: 'the user name for the Stream Manager, if it needs one',
  }),
  streamManagerPassword: optional({
    variable: 'STREAM_MANAGER_PASSWORD',
    guards: 'media',
    kind: text('a password', 'password'),
    secret: true,
    meaning: 'the password of that user',
  }),
  red5App: setting<string>({
    variable: 'RED5_APP',
    default: 'live',
    kind: textOf(/^[^/\s]{1,256}$/, 'the name of an app, without a slash', 'app'),
    meaning: 'the Red5 Pro app that has the rooms',
  }),
  red5WebhookSecret: optional({
    variable: 'RED5_WEBHOOK_SECRET',
    guards: 'media',
    kind: pathSecret(16),
    secret: true,
    meaning:
      'takes webhooks from Red5 Pro at /webhook/ followed by this secret; without it, that path is a 404',
  }),
  roster: setting<(typeof ROSTERS)[number]>({
    variable: 'ROSTER',
    guards: 'media',
    default: 'sockets',
    kind: oneOf(ROSTERS),
    meaning:
      'who is listed: sockets; live (sockets whose media is not known to be gone); or both (these, and publishers without a socket)',
  }),
  webhookUrl: optional({
    variable: 'WEBHOOK_URL',
    kind: httpUrl('with query'),
    secret: true,
    meaning: 'URL of your application that gets signed webhooks about rooms',
  }),
  webhookSigningSecret: optional({
    variable: 'WEBHOOK_SIGNING_SECRET',
    kind: webhookSecret,
    secret: true,
    meaning: 'the secret that signs these webhooks, in the format of Standard Webhooks',
  }),
  webhookSigningSecretPrevious: optional({
    variable: 'WEBHOOK_SIGNING_SECRET_PREVIOUS',
    kind: webhookSecret,
    secret: true,
    meaning: 'the previous secret, which also signs while WEBHOOK_SIGNING_SECRET is being replaced',
  }),
  webhookAllowPrivate: setting<boolean>({
    variable: 'WEBHOOK_ALLOW_PRIVATE',
    default: false,
    kind: trueOrFalse,
    meaning:
      'whether the name in WEBHOOK_URL may resolve to loopback, private and other non-public addresses',
  }),
  redisUrl: optional({
    variable: 'REDIS_URL',
    kind: redisUrl(),
    secret: true,
    meaning: 'Redis (one or several) or a Redis Cluster, through which nodes share rooms',
  }),
  redisPrefix: setting<string>({
    variable: 'REDIS_PREFIX',
    default: 'conference',
    kind: textOf(/^[\w.:-]{1,64}$/, '1 to 64 of the characters A-Z a-z 0-9 _ . : -', 'text'),
    meaning: 'prefix of all keys and channels in Redis; the same on all nodes that share rooms',
  }),
  handoverGrace: setting<number>({
    variable: 'HANDOVER_GRACE',
    default: 5,
    kind: seconds(0, 60),
    meaning:
      'seconds for which the streams of a stopping node stay listed on the others, unless they are back before',
  }),
};

/** All settings, resolved and frozen. */
export type Settings = { readonly [K in keyof typeof settingsTable]: (typeof settingsTable)[K]['default'] };

/** A setting's environment variable, for messages. */
export function variableOf(name: string): string {
  return (
    Object.entries<Setting<unknown>>(settingsTable).find(([known]) => known === name)?.[1].variable ?? name
  );
}

/** A setting's flag, such as `--log-level`. */
export function flagOf({ variable }: Pick<Setting<unknown>, 'variable'>): string {
  return `--${variable.toLowerCase().replaceAll('_', '-')}`;
}

/** A setting's default, for people. */
export function defaultOf(setting: Setting<unknown>): string {
  return setting.defaultMeans ?? String(setting.default);
}

/** `private` is what `proxy-addr` calls `uniquelocal`: 10/8, 172.16/12, 192.168/16 and fc00::/7. */
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

/** A setting that is off by default. */
function optional(entry: Omit<Setting<string>, 'default'>): Setting<string | undefined> {
  return { ...entry, default: undefined, defaultMeans: 'off' };
}

export function written(cert: string, key: string): string {
  return `TLS_CERT=${cert} TLS_KEY=${key}`;
}
