/** The manifests of deploy/: `npm run test:manifests` checks them against the published types, too. */
import { loadAll } from 'js-yaml';
import { settingsTable } from '../../src/settings/table';
import { read, settingsFrom, TO_STOP } from '../helpers/deploy';
import { startHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';

type Labels = Readonly<Record<string, string>>;

interface Container {
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly { readonly mountPath: string }[];
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly livenessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
}

interface Deployment {
  readonly spec: {
    readonly selector: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [Container];
        readonly volumes: readonly { readonly secret: { readonly secretName: string } }[];
      };
    };
  };
}

const text = read('deploy/kubernetes.yaml');
const objects = loadAll(text) as {
  kind: string;
  metadata: { name: string };
  spec: Record<string, unknown>;
}[];
const find = <T>(kind: string, name = 'conference-host') =>
  objects.find((object) => object.kind === kind && object.metadata.name === name) as T;

const deployment = find<Deployment>('Deployment');
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const variables = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));

test('the host takes its settings, and a pod has time to drain', () => {
  const { drainTimeout, redisUrl, trustProxy } = settingsFrom(variables);
  expect([redisUrl, trustProxy]).toEqual(['redis://valkey:6379', ['private']]);
  const needed = container.lifecycle.preStop.sleep.seconds + drainTimeout + TO_STOP;
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(needed);
});

test('every secret is a file of the secret that the first lines create', () => {
  const [{ mountPath } = { mountPath: '' }] = container.volumeMounts;
  const wanted = Object.entries(variables).flatMap(([name, value]) =>
    name.endsWith('_FILE') ? [value] : [],
  );
  const [, secret, command = ''] = /secret generic (\S+)(.*?)\n# {3}kubectl/s.exec(text) ?? [];
  const created = [...command.matchAll(/--from-literal=([\w-]+)=/g)].map(([, key]) => `${mountPath}/${key}`);
  expect(pod.volumes.map((volume) => volume.secret.secretName)).toEqual([secret]);
  expect(created.sort()).toEqual(wanted.sort());
});

test('probes, services and the monitor name ports that there are', () => {
  expect(container.ports).toEqual([{ name: 'http', containerPort: settingsTable.port.default }]);
  const [monitor] = loadAll(read('deploy/podmonitor.yaml')) as [{ spec: { podMetricsEndpoints: unknown } }];
  expect(monitor.spec.podMetricsEndpoints).toMatchObject([{ port: 'http', path: '/metrics' }]);
  for (const { httpGet } of [container.readinessProbe, container.livenessProbe])
    expect(httpGet.port).toBe('http');
  const targets = objects
    .filter(({ kind }) => kind === 'Service')
    .flatMap(({ spec }) => (spec.ports as { targetPort: string }[]).map(({ targetPort }) => targetPort));
  expect(targets).toEqual(['http', 'redis']);
});

test('every selector finds the pods of one deployment', () => {
  const pods = objects
    .filter(({ kind }) => kind === 'Deployment')
    .map((object) => (object as unknown as Deployment).spec.template.metadata.labels);
  expect(pods).toEqual([{ app: 'conference-host' }, { app: 'valkey' }]);
  const selectors = [...text.matchAll(/(?:matchLabels|selector): ({.*})/g)].map(([, labels]) => labels);
  expect(selectors.length).toBeGreaterThanOrEqual(8);
  expect(selectors.filter((labels) => !/^{ app: (conference-host|valkey) }$/.test(labels ?? ''))).toEqual([]);
});

test('a running host answers the probes, and has the metric that the autoscaler asks for', async () => {
  const { port } = await startHost({ adminToken: ADMIN_TOKEN });
  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
  for (const { httpGet } of [container.readinessProbe, container.livenessProbe]) {
    expect((await ask(httpGet.path)).status).toBe(200);
  }
  const autoscaler = find<{ spec: { metrics: { pods: { metric: { name: string } } }[] } }>(
    'HorizontalPodAutoscaler',
  );
  const [metric] = autoscaler.spec.metrics;
  expect(await (await ask('/metrics')).text()).toMatch(new RegExp(`^${metric?.pods.metric.name} 0$`, 'm'));
});
