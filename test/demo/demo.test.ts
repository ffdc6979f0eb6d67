/** `conference-host demo` as a process, and participants in the rooms of a host. */
import { once } from 'node:events';
import { Demo, demoSettings } from '../../src/demo/demo';
import { SettingsError } from '../../src/settings/resolve';
import { makeCertificate } from '../helpers/certificates';
import { TestClient } from '../helpers/client';
import { startHost } from '../helpers/host';
import { ManualClock } from '../helpers/manual-clock';
import { HostProcess } from '../helpers/process';
import { describeWith } from '../helpers/programs';
import { settingsOf } from '../helpers/settings';
import { SECRET } from '../helpers/tokens';

test('the process names its pages, fills its rooms, and ends with all at Ctrl+C', async () => {
  const host = new HostProcess({ PORT: '0', HOST: '127.0.0.1' }, ['demo']);
  await host.text('Ctrl+C');
  const [, page = '', dashboard = ''] = /Open +(\S+) .*, (\S+) to watch it/.exec(host.stdout) ?? [];
  expect(host.stdout).toMatch(/Demo .* red5, stand-up, town hall\n/);
  const observer = new TestClient(`${page.replace('http', 'ws')}?room=town%20hall&observe=1`);
  for (let roster = await observer.next(); roster.streams.length < 8; ) roster = await observer.next();
  const [, token = ''] = /#token=(\S+)$/.exec(dashboard) ?? [];
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(new URL('/api/rooms', page), { headers });
  const { rooms } = (await answer.json()) as { rooms: { room: string; streams: number }[] };
  expect(rooms.map(({ room }) => room)).toEqual(['red5', 'stand-up', 'town hall']);
  host.kill('SIGINT');
  expect(await observer.closed).toMatchObject({ code: 1001 });
  expect(await host.exit).toEqual({ code: 0, stderr: '' });
});

test('participants come and go as time passes, and are gone when it stops', async () => {
  const clock = new ManualClock();
  const { host, port } = await startHost();
  const demo = new Demo(host.address, settingsOf({ PORT: `${port}` }), clock);
  const seen = { joined: 0, left: 0 };
  host.events.on('joined', () => seen.joined++);
  host.events.on('left', () => seen.left++);
  demo.start();
  while (seen.joined < 13) await once(host.events, 'joined');
  expect(host.rooms().sort()).toEqual(['red5', 'stand-up', 'town hall']);
  while (seen.joined < 20 || seen.left < 5) {
    const moved = Promise.race([once(host.events, 'joined'), once(host.events, 'left')]);
    clock.advance(3_000);
    await moved;
  }
  demo.stop();
  while (host.roomCount > 0) await once(host.events, 'left');
  expect(clock.waiting).toBe(0);
});

test('a room whose participants were removed fills again', async () => {
  const clock = new ManualClock();
  const { host, port } = await startHost();
  // This chance moves people in the second room only: in the first, nobody is missed but for this.
  const demo = new Demo(host.address, settingsOf({ PORT: `${port}` }), clock, () => 0.4);
  demo.start();
  while (host.members('red5').length < 2 || host.members('town hall').length < 8)
    await once(host.events, 'joined');
  for (const { id } of host.members('red5')) host.remove(id);
  while (host.members('red5').length < 2) {
    // The participants hear of it later than the host.
    await new Promise(setImmediate);
    clock.advance(500);
  }
  demo.stop();
});

describeWith('openssl', 'over TLS', () => {
  test('participants join a host that nobody else trusts', async () => {
    const { cert, key } = makeCertificate('mine');
    const { host } = await startHost({ tlsCert: cert, tlsKey: key });
    const demo = new Demo(host.address, settingsOf({ TLS_CERT: cert, TLS_KEY: key }), new ManualClock());
    demo.start();
    await once(host.events, 'joined');
    demo.stop();
  });
});

test.each([{ JWT_SECRET: SECRET }, { AUTH_URL: 'https://hush.example' }, { REDIS_URL: 'redis://hush:6379' }])(
  'it says why it cannot run with %j',
  (env) => {
    const [variable = ''] = Object.keys(env);
    expect(() => demoSettings(settingsOf(env))).toThrow(SettingsError);
    expect(() => demoSettings(settingsOf(env))).toThrow(
      new RegExp(`^a demo cannot run with ${variable}: [^h]*h`),
    );
    expect(() => demoSettings(settingsOf(env))).not.toThrow(/hush/);
  },
);

test('a token that is given is kept', () => {
  const adminToken = 'for-tests-Kx8vQz3mWp6R';
  expect(demoSettings(settingsOf({ ADMIN_TOKEN: adminToken })).adminToken).toBe(adminToken);
  expect(demoSettings(settingsOf({})).adminToken).toMatch(/^[0-9a-f]{32}$/);
});
