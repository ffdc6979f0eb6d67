/** Rules across settings: which exclude each other, which need another, and what SSL=true means. */

type Values = Readonly<Record<string, unknown>>;

/** At most one of each group. */
const EXCLUSIVE: readonly (readonly string[])[] = [
  ['jwtSecret', 'jwtJwksUrl', 'authUrl'],
  ['red5Url', 'streamManagerUrl'],
  ['tls', 'tlsCert'],
  ['tls', 'ssl'],
];

/** Who can be asked which streams are live. */
const SOURCES = ['red5Url', 'streamManagerUrl'];

/** The first needs one of the others; the third item says why, if it is not obvious. */
const NEEDS: readonly (readonly [string, readonly string[], string?])[] = [
  ['tlsCert', ['tlsKey']],
  ['tlsKey', ['tlsCert']],
  ['jwtSecretPrevious', ['jwtSecret']],
  ['jwtIssuer', ['jwtSecret', 'jwtJwksUrl']],
  ['jwtAudience', ['jwtSecret', 'jwtJwksUrl']],
  ['jwtRequire', ['jwtSecret', 'jwtJwksUrl']],
  ['jwtExpired', ['jwtSecret', 'jwtJwksUrl']],
  [
    'jwtJwksUrl',
    ['jwtAudience', 'jwtIssuer'],
    'it would admit every token of that identity provider; set the aud or the iss that your tokens have',
  ],
  ['joinSecret', ['joinUrl']],
  ['red5Url', ['red5AccessToken'], 'its API answers nobody without one'],
  ['red5AccessToken', ['red5Url']],
  ['streamManagerNodeGroup', ['streamManagerUrl']],
  ['streamManagerUser', ['streamManagerUrl']],
  ['streamManagerUser', ['streamManagerPassword']],
  ['streamManagerPassword', ['streamManagerUser']],
  ['red5App', SOURCES],
  ['red5WebhookSecret', SOURCES, 'a webhook is only a hint, and somebody must be asked what is true'],
  ['webhookUrl', ['webhookSigningSecret'], 'your application could not tell its webhooks from forged ones'],
  ['webhookSigningSecret', ['webhookUrl']],
  ['webhookSigningSecretPrevious', ['webhookSigningSecret']],
  ['webhookAllowPrivate', ['webhookUrl']],
  ['roster', SOURCES, 'nobody can be asked which streams are live'],
];

/** Defaults that need no other setting. */
const ASKS_FOR_NOTHING: Values = {
  jwtExpired: 'stay',
  ssl: false,
  streamManagerNodeGroup: 'default',
  red5App: 'live',
  webhookAllowPrivate: false,
  roster: 'sockets',
};

/** What SSL=true means on the host that people migrate from. */
export const SSL_MEANS = {
  tlsCert: './cert/certificate.crt',
  tlsKey: './cert/privateKey.key',
  port: 443,
} as const;

/** What SSL=true adds: the port if none is given, and both files if neither is given; nothing beside another TLS. */
export function sslValues(given: Values): Values {
  if (given.ssl !== true || given.tls !== undefined) return {};
  const { port, ...files } = SSL_MEANS;
  return given.tlsCert === undefined && given.tlsKey === undefined ? { port, ...files } : { port };
}

/** Each has its own use, so equal values are a mistake. */
const DIFFERENT: readonly (readonly [string, string])[] = [
  ['adminToken', 'metricsToken'],
  ['jwtSecret', 'jwtSecretPrevious'],
  ['webhookSigningSecret', 'webhookSigningSecretPrevious'],
];

/**
 * Complaints about settings that do not go together.
 * @param label the setting's name where it was given
 */
export function togetherComplaints(values: Values, label: (name: string) => string): string[] {
  const isSet = (name: string) => values[name] !== ASKS_FOR_NOTHING[name];
  const labels = (names: readonly string[], and: string) => names.map(label).join(` ${and} `);
  const exclusive = EXCLUSIVE.map((group) => group.filter(isSet))
    .filter((group) => group.length > 1)
    .map((group) => `${labels(group, 'and')} exclude each other: set one of them`);
  const needy = NEEDS.filter(([name, others]) => isSet(name) && !others.some(isSet)).map(
    ([name, others, why]) =>
      `${label(name)} is set without ${labels(others, 'or')}${why === undefined ? '' : `: ${why}`}`,
  );
  const same = DIFFERENT.filter(([one, other]) => isSet(one) && values[one] === values[other]).map(
    (pair) => `${labels(pair, 'and')} are the same: each has its own use`,
  );
  return [...exclusive, ...needy, ...same];
}
