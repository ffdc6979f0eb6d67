/** compose.yaml and its Caddyfile. */
import { once } from 'node:events';
import { load } from 'js-yaml';
import { runCaddy } from '../helpers/caddy';
import { TestClient } from '../helpers/client';
import { read, settingsFrom, TO_STOP } from '../helpers/deploy';
import { joinTarget, startHost } from '../helpers/host';
import { describeWith } from '../helpers/programs';
import { freePort } from '../helpers/proxy';

interface Service {
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly stop_grace_period: string;
}

const compose = load(read('compose.yaml')) as {
  readonly services: Readonly<Record<'caddy' | 'host' | 'valkey', Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};
const { caddy, host, valkey } = compose.services;
const caddyfile = read('deploy/Caddyfile');

test('the host takes its settings, and has time to stop', () => {
  const { drainTimeout, trustProxy, redisUrl } = settingsFrom(host.environment);
  expect(trustProxy).toEqual(['private']);
  expect(redisUrl).toBe('redis://valkey:6379');
  expect(Number.parseInt(host.stop_grace_period, 10)).toBeGreaterThan(drainTimeout + TO_STOP);
});

test('its secrets are files that compose mounts', () => {
  const files = Object.entries(host.environment).flatMap(([name, path]) =>
    name.endsWith('_FILE') ? [path] : [],
  );
  expect(files).toEqual(host.secrets?.map((name) => `/run/secrets/${name}`));
  expect(Object.keys(compose.secrets)).toEqual(host.secrets);
});

test('Caddy reaches the host, the host Valkey, and nobody else Valkey', () => {
  expect(caddyfile).toMatch(/dynamic a host 8001 /);
  expect(caddy.networks).toEqual(['front']);
  expect(host.networks).toEqual(['front', 'back']);
  expect(valkey.networks).toEqual(['back']);
  expect(compose.networks).toMatchObject({ back: { internal: true } });
  const started = Object.values(compose.services).flatMap(({ depends_on = {} }) => Object.keys(depends_on));
  expect(started.filter((name) => !(name in compose.services))).toEqual([]);
});

describeWith('caddy', 'with Caddy', (path) => {
  /** Runs it with the Caddyfile. @returns what opens a client of an address of its own */
  const startCaddy = async (upstreams: string) => {
    const port = await freePort();
    const site = caddyfile.replace(/dynamic a host 8001 {[^}]*}/, upstreams);
    expect(site).toContain(upstreams);
    await runCaddy(path, port, site, { DOMAIN: `https://localhost:${port}` });
    const options = { family: 4, localAddress: '127.0.0.2', rejectUnauthorized: false };
    return (target: string) => new TestClient(`wss://localhost:${port}${target}`, [], options);
  };

  test('a client joins, and is known by its own address', async () => {
    const { host, port } = await startHost({ trustProxy: ['loopback'] });
    const open = await startCaddy(`dynamic a localhost ${port}`);
    const joined = once(host.events, 'joined');
    await open(joinTarget('r', 'anna')).until('anna');
    expect((await joined)[0]).toMatchObject({ streamName: 'anna', address: '127.0.0.2' });
  });

  test('newcomers go to the other replica while one drains, after one was refused', async () => {
    const replicas = [await startHost({ drainTimeout: 60 }), await startHost()] as const;
    const open = await startCaddy(`to ${replicas.map(({ port }) => `127.0.0.1:${port}`).join(' ')}`);
    const member = await replicas[0].join('r', 'anna');
    const drained = replicas[0].host.close();
    const outcomes: string[] = [];
    for (let number = 0; number < 8; number += 1) {
      const client = open(joinTarget(`room ${number}`, 'ben'));
      const joined = client.next().then(() => 'joined');
      outcomes.push(await Promise.race([joined, client.closed.then(() => 'refused')]).catch(() => 'refused'));
    }
    member.ws.terminate();
    await drained;
    expect(outcomes.filter((outcome) => outcome === 'refused').length).toBeLessThanOrEqual(1);
  });
});
