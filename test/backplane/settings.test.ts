import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveOptions } from '../../src/settings/resolve';
import { HostProcess } from '../helpers/process';
import { describeWith, describeWithEachRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';

describe('REDIS_URL', () => {
  test.each([
    'redis://localhost',
    'redis://localhost:6379/0',
    'redis://:secret@10.0.0.1:6380/15',
    'rediss://user:p%40ss@[::1]:6379',
    'rediss://redis.example/',
    'redis://:with,comma@10.0.0.1',
    'redis://10.0.0.1,redis://10.0.0.2',
    'rediss://user:p%40ss@a:6380/3, rediss://user:p%40ss@b:6380/3 ,rediss://c/3',
  ])('takes %s', (redisUrl) => {
    expect(resolveOptions({ redisUrl }).redisUrl).toBe(redisUrl);
  });

  test.each([
    'localhost:6379',
    'http://localhost',
    'redis:',
    'redis://',
    'redis://host/rooms',
    'redis://host:port',
    'redis://:%zz@host',
    'redis+sentinel://host',
    'redis://host:0',
    'redis://host:70000',
    'redis://10.0.0.1,10.0.0.2',
  ])('does not take %s', (redisUrl) => {
    expect(() => resolveOptions({ redisUrl })).toThrow(
      /redisUrl: \(\d+ bytes\) is not valid: it takes a URL such as/,
    );
  });

  test.each([
    ['redis://a,rediss://b', 'redis:// and rediss:// are mixed: use TLS for all addresses or for none'],
    ['redis://a,redis://user:secret@b,redis://A:6379/', 'a:6379 is named twice'],
    ['redis://a/1,redis://b', 'the addresses name different databases: use one number for all'],
    ['redis://a,redis://:secret@b:70000', 'address 2 of 2 is no URL such as redis://host:6379'],
    ['redis://a,http://b', 'address 2 of 2 is no URL such as redis://host:6379'],
    ['redis://a,redis://b,c', 'address 2 of 2 is no URL such as redis://host:6379'],
  ])('says what is wrong with %s', (redisUrl, problem) => {
    expect(() => resolveOptions({ redisUrl })).toThrow(
      `redisUrl: (${redisUrl.length} bytes) is not valid: ${problem}`,
    );
  });

  test('with an address twice ends the process with 2, and shows no password', async () => {
    const { exit } = new HostProcess({ REDIS_URL: 'redis://:secret@localhost,redis://:secret@LOCALHOST' });
    const { code, stderr } = await exit;
    expect(code).toBe(2);
    expect(stderr).toContain('is not valid: localhost:6379 is named twice');
    expect(stderr).not.toContain('secret');
  });

  test('ends the process with 2 where it is none, and shows no password', async () => {
    const { exit } = new HostProcess({ REDIS_URL: 'http://:secret@localhost' });
    const { code, stderr } = await exit;
    expect(code).toBe(2);
    expect(stderr).toMatch(/REDIS_URL=\(\d+ bytes\) is not valid: it takes a URL such as redis:/);
    expect(stderr).not.toContain('secret');
  });
});

describe('REDIS_PREFIX', () => {
  test.each(['{a}', 'a b', 'a*', 'x'.repeat(65), ''])('does not take %j', (redisPrefix) => {
    expect(() => resolveOptions({ redisPrefix })).toThrow(/redisPrefix/);
  });
});

describeWithEachRedis('a Redis that asks for more', (program) => {
  const start = (env: Record<string, string>) => new HostProcess({ HOST: '127.0.0.1', PORT: '0', ...env });

  test('password, database: the log never shows the password', async () => {
    const redis = await RedisServer.start(program, '--requirepass', 'secret');
    try {
      const redisUrl = (password: string) => ({
        REDIS_URL: `redis://:${password}@127.0.0.1:${redis.port}/5`,
      });
      const refused = start(redisUrl('other-secret'));
      const { why, remedy, level } = await refused.line(
        'rooms are not shared with the other nodes: retrying',
      );
      expect({ why, remedy, level }).toMatchObject({
        why: expect.stringContaining('WRONGPASS'),
        remedy: expect.stringContaining('check user and password'),
        level: 50,
      });
      const host = start(redisUrl('secret'));
      await host.line('rooms are shared with the other nodes');
      expect(refused.stdout + host.stdout).not.toContain('secret');
    } finally {
      await redis.stop();
    }
  });

  describeWith('openssl', 'TLS', (openssl) => {
    test('is spoken, with the authority that NODE_EXTRA_CA_CERTS names; without it the log says so', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'conference-tls-'));
      const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
      const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
      const files = ['-keyout', key, '-out', certificate];
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
      execFileSync(openssl, ['req', '-x509', ...curve, '-days', '2', ...names, ...files], {
        stdio: 'ignore',
      });
      const redis = await RedisServer.start(program, ...tlsArguments(key, certificate));
      try {
        const env = { REDIS_URL: `rediss://localhost:${redis.tlsPort}` };
        const refused = start(env);
        const { remedy } = await refused.line('rooms are not shared with the other nodes: retrying');
        expect(remedy).toMatch(/NODE_EXTRA_CA_CERTS/);
        const trusting = start({ ...env, NODE_EXTRA_CA_CERTS: certificate });
        await trusting.line('rooms are shared with the other nodes');
      } finally {
        await redis.stop();
        rmSync(folder, { recursive: true });
      }
    });
  });
});

/** Clients need no certificate of their own. */
function tlsArguments(key: string, certificate: string): string[] {
  return ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-auth-clients', 'no'];
}
