import { explain, IN_CLUSTER, saysCluster } from '../../src/backplane/problems';

const withCode = (message: string, code: string) => Object.assign(new Error(message), { code });

describe('an error says what to do', () => {
  test.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', /user and password in REDIS_URL/],
    ['ERR HELLO must be called … AUTH <password> called without any password configured', /REDIS_URL/],
    ['NOAUTH Authentication required.', /asks for a password/],
    ["NOPERM User x has no permissions to run the 'spublish' command", /docs\/cluster\.md/],
    ["ERR The user executing the script can't run this command or subcommand", /docs\/cluster\.md/],
    ["ERR unknown command 'SSUBSCRIBE', with args beginning with:", /Redis 7 or Valkey 8/],
    ['NOPROTO unsupported protocol version', /Redis 7 or Valkey 8/],
    ['ERR SELECT is not allowed in cluster mode', /take the number out of REDIS_URL/],
    ['CLUSTERDOWN Hash slot not served', /some slots have no primary/],
    ["READONLY You can't write against a read only replica.", /primary/],
    ["OOM command not allowed when used memory > 'maxmemory'.", /memory/],
    ['MISCONF Redis is configured to save RDB snapshots, but …', /disk/],
    ['ERR DB index is out of range', /database/],
  ])('%s', (message, remedy) => {
    expect(explain(new Error(message))).toEqual({ why: message, remedy: expect.stringMatching(remedy) });
  });

  test.each([
    [withCode('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), /NODE_EXTRA_CA_CERTS/],
    [
      withCode('unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
      /NODE_EXTRA_CA_CERTS/,
    ],
    [withCode('getaddrinfo ENOTFOUND nowhere', 'ENOTFOUND'), /host in REDIS_URL/],
    [withCode('write EPROTO … wrong version number', 'ERR_SSL_WRONG_VERSION_NUMBER'), /no TLS/],
  ])('%s', (error, remedy) => {
    expect(explain(error).remedy).toMatch(remedy);
  });

  test.each([
    [withCode('connect ECONNREFUSED 127.0.0.1:6379', 'ECONNREFUSED'), 'connect ECONNREFUSED 127.0.0.1:6379'],
    [withCode('', 'ECONNREFUSED'), 'ECONNREFUSED'],
    [new Error('Redis does not answer within 3000 ms'), 'Redis does not answer within 3000 ms'],
  ])('%s: there is nothing to do but to wait', (error, why) => {
    expect(explain(error)).toEqual({ why, remedy: undefined });
  });
});

test.each([
  [IN_CLUSTER, true],
  ['MOVED 1234 10.0.0.1:6379', true],
  ['CLUSTERDOWN Hash slot not served', true],
  ['CROSSSLOT Keys in request do not hash to the same slot', true],
  ['ASK 1234 10.0.0.1:6379', true],
  ['ERR unknown command: MOVED 1234', false],
  ['connect ECONNREFUSED 127.0.0.1:6379', false],
])('%s says that it is part of a Redis Cluster: %s', (message, says) => {
  expect(saysCluster(new Error(message))).toBe(says);
});
