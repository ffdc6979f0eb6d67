import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { singleNode } from '../../src/conference/backplane';
import { addBackplaneMetrics } from '../../src/http/backplane-metrics';
import { addHookMetrics } from '../../src/http/hook-metrics';
import { addMediaMetrics } from '../../src/http/media-metrics';
import { joinTarget, startHost } from '../helpers/host';
import { ADMIN_TOKEN, ask } from '../helpers/http';
import { describeWith } from '../helpers/programs';
import { clientFrame } from '../helpers/raw-client';

async function scrape(port: number): Promise<Map<string, number>> {
  const { body } = await ask(port, '/metrics');
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const [, name = '', value = ''] = /^(.*) (\S+)$/.exec(line) ?? [];
      return [name, Number(value)];
    }),
  );
}

const start = () => startHost({ adminToken: ADMIN_TOKEN });

describe('metrics', () => {
  test('count members, joins and leaves', async () => {
    const { port, join } = await start();
    await join('red', 'anna');
    const ben = await join('red', 'ben');
    await join('blue', 'anna');
    await join('blue', 'anna');
    await ben.leave();
    const figures = await scrape(port);
    expect(Object.fromEntries(figures)).toMatchObject({
      conference_rooms: 2,
      conference_streams: 2,
      conference_members: 3,
      conference_members_behind: 0,
      conference_joins_total: 4,
      'conference_leaves_total{code="1000"}': 1,
      conference_join_duration_seconds_count: 4,
      conference_broadcast_duration_seconds_count: 5,
      conference_rosters_sent_total: 1 + 2 + 1 + 2 + 1,
      conference_rosters_saved_total: 0,
      'conference_limit{limit="MAX_ROOM_SIZE"}': 5_000,
      'conference_limit_used{limit="MAX_ROOM_SIZE"}': 2,
      'conference_limit_used{limit="MAX_CONNECTIONS"}': 3,
    });
  });

  test('count the bytes of rosters on the wire', async () => {
    const { port, join } = await start();
    const anna = await join('room', 'anna');
    const ben = await join('room', 'ben');
    const header = 2;
    const alone = header + '{"room":"room","streams":["anna"]}'.length;
    const both = header + '{"room":"room","streams":["anna","ben"]}'.length;
    expect((await scrape(port)).get('conference_rosters_sent_bytes_total')).toBe(alone + 2 * both);
    await Promise.all([anna.leave(), ben.leave()]);
  });

  test('count refusals by name, and ignored messages', async () => {
    const { port, open, raw } = await start();
    await open('/?room=room').closed;
    const client = await raw();
    await client.join(joinTarget('room', 'anna'));
    client.send(Buffer.concat([clientFrame(0x81, 'hello'), clientFrame(0x82, 'hello'), clientFrame(0x89)]));
    await client.until('\x8a');
    const figures = await scrape(port);
    expect(figures.get('conference_refusals_total{refusal="bad_request"}')).toBe(1);
    expect(figures.get('conference_messages_ignored_total')).toBe(2);
    client.reset();
  });

  test('take no label from a client', async () => {
    const { port, open, join } = await start();
    const client = await join('a room to hide', 'a stream to hide');
    await open('/?room=a+refused+room&streamName=').closed;
    client.ws.close(4999, 'a reason to hide');
    await client.closed;
    const { body } = await ask(port, '/metrics');
    expect(body).toMatch('conference_leaves_total{code="other"} 1');
    expect(body).not.toMatch(/hide|refused.room|"4999"/);
  });

  test('count checks of credentials, saved rosters and ghosts', async () => {
    const { port, host } = await start();
    const facts = { id: 9, room: 'r', streamName: 's', address: 'a', since: 0 };
    host.events.emit('left', facts, { code: 1006, reason: 'silent for 25 s', dropped: true });
    host.events.emit('left', facts, { code: 1000, reason: 'silent for 25 s' });
    host.events.emit('shared');
    host.events.emit('authorised', {
      method: 'round_trip',
      outcome: 'refused',
      problem: undefined,
      duration: 20,
      address: 'a',
    });
    const figures = await scrape(port);
    expect(figures.get('conference_ghosts_dropped_total')).toBe(1);
    expect(figures.get('conference_rosters_saved_total')).toBe(1);
    const labels = '{le="0.05",method="round_trip",outcome="refused"}';
    expect(figures.get(`conference_authorisation_duration_seconds_bucket${labels}`)).toBe(1);
  });

  test('of the process are shared by all of its hosts', async () => {
    const [one, two] = [await start(), await start()];
    for (const { port } of [one, two]) {
      const { body } = await ask(port, '/metrics');
      expect(body.match(/^nodejs_eventloop_lag_seconds /gm)).toHaveLength(1);
      expect(body).toMatch(/^conference_build_info{version="\d+\.\d+\.\d+"} 1$/m);
    }
  });
});

describeWith('promtool', 'promtool', (promtool) => {
  test('finds nothing to complain of', async () => {
    const { port, open, join } = await start();
    await (await join('room', 'anna')).leave();
    await open('/?room=').closed;
    const { headers, body } = await ask(port, '/metrics');
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const child = spawn(promtool, ['check', 'metrics'], { stdio: 'pipe' });
    let said = '';
    for (const output of [child.stdout, child.stderr]) output.on('data', (chunk) => (said += chunk));
    child.stdin.end(body);
    const [code] = await once(child, 'close');
    expect([said, code]).toEqual(['', 0]);
  });
});

describe('the documents about metrics', () => {
  const namesIn = (text: string) =>
    new Set(text.match(/\b(?:conference|nodejs|process)_[a-z0-9_]*[a-z0-9]/g));
  const read = (file: string) => readFileSync(join(__dirname, '..', '..', 'docs', file), 'utf8');
  const metricOf = (name: string) => name.replace(/_bucket$/, '');

  /** Of this only the names are needed. */
  const notAsked = () => {
    throw new Error('nobody asks');
  };

  /** Those that a host has only with other nodes, a media server, or an application to tell. */
  function further(): string[] {
    const registry = new Registry();
    const status = () => ({ ...singleNode.status(), state: 'live' as const });
    addBackplaneMetrics(registry, { status, events: new EventEmitter() });
    addMediaMetrics(registry, new EventEmitter());
    addHookMetrics(registry, { status: notAsked, test: notAsked });
    return registry
      .getMetricsAsArray()
      .flatMap(({ name, type }) => (`${type}` === 'histogram' ? [name, `${name}_count`] : [name]));
  }

  test.each(['grafana.json', 'alerts.yml'])('%s uses only metrics that exist', async (file) => {
    const { port } = await start();
    const { body } = await ask(port, '/metrics');
    const there = new Set([...namesIn(body.replace(/^[^#].*$/gm, '')), ...further()]);
    const used = [...namesIn(read(file))].map(metricOf);
    expect(used.length).toBeGreaterThan(9);
    expect(used.filter((name) => !there.has(name))).toEqual([]);
  });

  test('the Grafana dashboard has a panel for every metric of other nodes, a media server and an application', () => {
    const used = new Set([...namesIn(read('grafana.json'))].map(metricOf));
    expect(further().filter((name) => !used.has(name) && !name.endsWith('_count'))).toEqual([]);
  });

  test('docs/api.md names all of the host’s own', async () => {
    const { port } = await start();
    const { body } = await ask(port, '/metrics');
    const there = (body.match(/^# TYPE conference_\S+/gm) ?? []).map((line) => line.replace('# TYPE ', ''));
    const text = read('api.md').replace(/`, `_/g, '`, `conference_');
    expect(there.filter((name) => !text.includes(`\`${name}`))).toEqual([]);
  });
});
