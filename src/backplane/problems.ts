/** What errors of Redis and of the way to it mean to the person who runs the host. Pure. */

export interface Problem {
  readonly why: string;
  /** What to do about it; undefined where waiting is all there is to do. */
  readonly remedy: string | undefined;
}

/** The first that fits the error's code or message. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/WRONGPASS|without any password configured/, 'check user and password in REDIS_URL'],
  [/NOAUTH/, 'Redis asks for a password: put it into REDIS_URL, as in redis://user:password@host'],
  [
    /NOPERM|user executing the script can't/,
    'give the Redis user the permissions that docs/cluster.md lists',
  ],
  [/unknown command|NOPROTO/i, 'Redis 7 or Valkey 8, or a newer one, is needed'],
  [
    /SELECT is not allowed in cluster mode/,
    'a Redis Cluster has no databases: take the number out of REDIS_URL',
  ],
  [
    /^CLUSTERDOWN/,
    'some slots have no primary: start it, or let the others go on with cluster-require-full-coverage no',
  ],
  [/^WRONGTYPE/, 'another program uses this key: delete it, or give the nodes a REDIS_PREFIX of their own'],
  [/^READONLY/, 'this Redis is a replica: let REDIS_URL name the primary'],
  [/^OOM/, 'Redis has no memory left: give it more'],
  [/^MISCONF/, 'Redis cannot save to its disk: its own log says why'],
  [/DB index/, 'REDIS_URL names a database that this Redis does not have'],
  [
    /SELF_SIGNED|UNABLE_TO|CERT_/,
    'let NODE_EXTRA_CA_CERTS name the PEM file of the authority that signed the certificate of Redis',
  ],
  [/ENOTFOUND|EAI_AGAIN/, 'check the host in REDIS_URL'],
  [/WRONG_VERSION_NUMBER|packet length too long/i, 'this Redis speaks no TLS: use redis:// in REDIS_URL'],
];

/** A Redis was taken for a plain one, and is not. */
export const IN_CLUSTER = 'this Redis is part of a Redis Cluster';

/** Whether an error of what was taken for a plain Redis says that it is part of a Redis Cluster. */
export function saysCluster({ message }: Error): boolean {
  return message === IN_CLUSTER || /^(MOVED|CLUSTERDOWN|CROSSSLOT|ASK) /.test(message);
}

/** Whatever was thrown, as an error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

export function explain(error: Error): Problem {
  const code = 'code' in error ? String(error.code) : '';
  const message = error.message || code || error.name;
  const text = `${message} ${code}`;
  return { why: message, remedy: REMEDIES.find(([pattern]) => pattern.test(text))?.[1] };
}
