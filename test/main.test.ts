import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { version } from '../package.json';
import { temporaryFolder } from './helpers/certificates';
import { TestClient } from './helpers/client';
import { joinTarget } from './helpers/host';
import { HostProcess, MAIN } from './helpers/process';

const join = (port: number, room: string, name: string) =>
  new TestClient(`ws://127.0.0.1:${port}${joinTarget(room, name)}`);

/** Waits until nobody listens on the port any more. */
async function refusal(port: number): Promise<void> {
  for (;;) {
    const { code } = await new TestClient(`ws://127.0.0.1:${port}/`).closed;
    if (code === 1006) return;
  }
}

test('a command asks a host, and is none itself', async () => {
  const host = await HostProcess.listening({ ADMIN_TOKEN: 'for-tests-Kx8vQz3mWp6R' });
  const command = (...args: string[]) => {
    const env = { ...process.env, ADMIN_TOKEN: 'for-tests-Kx8vQz3mWp6R' };
    return spawnSync(process.execPath, [MAIN, ...args], { env, encoding: 'utf8' });
  };
  const url = `http://127.0.0.1:${host.port}`;
  expect(command('rooms', '--url', url)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching('0 rooms'),
    stderr: '',
  });
  expect(command('kick', 'nobody', '--url', url)).toMatchObject({ status: 3, stdout: '' });
});

describe('the process', () => {
  test('logs its addresses, joins, leaves and refusals', async () => {
    const host = await HostProcess.listening();
    const anna = join(host.port, 'room', 'anna');
    const joined = await host.line('joined');
    expect(joined).toMatchObject({ level: 30, room: 'room', streamName: 'anna', address: '127.0.0.1' });
    await anna.next();
    await anna.leave();
    expect(await host.line('left')).toMatchObject({
      member: joined.member,
      room: 'room',
      streamName: 'anna',
      code: 1000,
      seconds: expect.any(Number),
    });
    const refused = new TestClient(`ws://127.0.0.1:${host.port}/?room=room&token=hush-hush`);
    await refused.closed;
    expect(await host.line('refused')).toMatchObject({
      refusal: 'bad_request',
      code: 4400,
      reason: 'streamName is missing',
    });
    expect(host.stdout).not.toMatch('hush-hush');
  });

  test('gives the address of every interface when it listens on all', async () => {
    const host = new HostProcess({ PORT: '0' });
    const { urls } = await host.line('listening');
    const [local, ...others] = urls as string[];
    expect(local).toMatch(/^ws:\/\/localhost:\d+$/);
    for (const url of others) expect(url).toMatch(/^ws:\/\/(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d+$/);
  });

  test('prefers flags to variables, and treats an empty variable as unset unless it guards a door', async () => {
    const host = new HostProcess({ PORT: '1', HOST: '', LOG_LEVEL: '' }, [
      '--port',
      '0',
      '--host',
      '127.0.0.1',
    ]);
    const { urls } = await host.line('listening');
    expect(urls).toEqual([expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/)]);
  });

  test.each<[Record<string, string>, string[], string]>([
    [{ PORT: 'abc' }, [], 'PORT=abc is not valid: it takes a whole number from 0 to 65535'],
    [{ PORT: '70000' }, [], 'PORT=70000 is not valid: it takes a whole number from 0 to 65535'],
    [{ PORT: '-1' }, [], 'PORT=-1 is not valid: it takes a whole number from 0 to 65535'],
    [{ PORT: '80.5' }, [], 'PORT=80.5 is not valid: it takes a whole number from 0 to 65535'],
    [{}, ['--port', '0x50'], '--port 0x50 is not valid: it takes a whole number from 0 to 65535'],
    [
      { LOG_LEVEL: 'loud' },
      [],
      'LOG_LEVEL=loud is not valid: it takes one of fatal, error, warn, info, debug, trace, silent',
    ],
    [{ JWT_SECRET: '' }, [], 'JWT_SECRET is empty: give it a value, or remove it'],
    [{}, ['--jwt-secret', ''], '--jwt-secret is empty: give it a value, or remove it'],
    [
      { REDIS_URL_FILE: '/nowhere/redis' },
      [],
      'REDIS_URL_FILE=/nowhere/redis is not valid: there is no such file',
    ],
    [{}, ['--nope'], "unknown option '--nope'"],
    [{}, ['--port'], "option '--port <number>' argument missing"],
    [
      {},
      ['8001'],
      'an argument is neither a flag nor a command: the commands are rooms, members, kick, rules, lock, unlock, bans, ban, unban, watch and demo, and come first',
    ],
  ])('with %j and %j ends with code 2 and one line', async (env, args, message) => {
    const { code, stderr } = await new HostProcess(env, args).exit;
    expect({ code, stderr }).toEqual({ code: 2, stderr: `conference-host: ${message}\n` });
  });

  test('does not wait for a secret from a pipe without a writer', async () => {
    const pipe = `${temporaryFolder()}/pipe`;
    execFileSync('mkfifo', [pipe]);
    const { code, stderr } = await new HostProcess({ ADMIN_TOKEN_FILE: pipe }).exit;
    const message = `ADMIN_TOKEN_FILE=${pipe} is not valid: it is not a regular file`;
    expect({ code, stderr }).toEqual({ code: 2, stderr: `conference-host: ${message}\n` });
  });

  test('names every bad setting on its own line', async () => {
    const { stderr } = await new HostProcess({ PORT: 'abc', LOG_LEVEL: 'loud' }).exit;
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^conference-host: PORT=abc /),
      expect.stringMatching(/^conference-host: LOG_LEVEL=loud /),
    ]);
  });

  test('ends with code 1 and one line when its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const PORT = String(typeof address === 'object' && address?.port);
    const { code, stderr } = await new HostProcess({ PORT, HOST: '127.0.0.1' }).exit;
    other.close();
    const message = `Port ${PORT} on 127.0.0.1 is already in use by another program`;
    expect({ code, stderr }).toEqual({ code: 1, stderr: `conference-host: ${message}\n` });
  });

  test.each(['--version', '-V'])('prints its version on %s', async (flag) => {
    const host = new HostProcess({}, [flag]);
    expect((await host.exit).code).toBe(0);
    expect(host.stdout).toBe(`${version}\n`);
  });

  test('prints every setting on --help', async () => {
    const host = new HostProcess({}, ['--help']);
    expect((await host.exit).code).toBe(0);
    const help = host.stdout.replaceAll(/\s+/g, ' ');
    expect(help).toMatch(
      '--port <number> TCP port to listen on; 0 takes a free one (env: PORT, default: 8001)',
    );
    expect(help).toMatch('(env: HOST, default: all interfaces)');
    expect(help).toMatch('(env: LOG_LEVEL, default: info)');
    expect(help).toMatch(
      /append _FILE to its variable, or -file to its flag, .*: ADMIN_TOKEN, METRICS_TOKEN, JWT_SECRET, /,
    );
    expect(help.match(/-file\b/g)).toHaveLength(1);
  });
});

describe('a signal', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s tells 1,000 sockets 1001 and ends with code 0',
    async (signal) => {
      const host = await HostProcess.listening();
      const clients = Array.from({ length: 1_000 }, (_, n) => join(host.port, `room ${n % 100}`, `${n}`));
      await Promise.all(clients.map((client) => client.next()));
      host.kill(signal);
      const ends = await Promise.all(clients.map((client) => client.closed));
      expect(ends.filter(({ code }) => code !== 1001)).toEqual([]);
      expect((await host.exit).code).toBe(0);
    },
  );

  test('given twice ends the process at once', async () => {
    const host = await HostProcess.listening();
    const mute = join(host.port, 'room', 'mute');
    await mute.next();
    mute.ws.pause();
    host.kill('SIGTERM');
    await host.line('stopping; a second signal ends it at once');
    host.kill('SIGTERM');
    expect((await host.exit).code).toBe(128 + 15);
  });

  test('lets members stay while it drains, admits nobody, and ends when they have left', async () => {
    const host = await HostProcess.listening({ DRAIN_TIMEOUT: '60' });
    const [anna, ben] = [join(host.port, 'room', 'anna'), join(host.port, 'room', 'ben')];
    await Promise.all([host.line('joined'), anna.next(), ben.next()]);
    host.kill('SIGTERM');
    await host.line('draining');
    expect(await join(host.port, 'room', 'carl').refusedWith()).toEqual({
      status: 503,
      body: 'the host is stopping; try again or elsewhere\n',
    });
    await ben.leave();
    await anna.until('anna');
    expect(anna.ws.readyState).toBe(anna.ws.OPEN);
    await anna.leave();
    expect((await host.exit).code).toBe(0);
  });

  test('closes members when the drain is over', async () => {
    const host = await HostProcess.listening({ DRAIN_TIMEOUT: '0.2' });
    const anna = join(host.port, 'room', 'anna');
    await anna.next();
    host.kill('SIGTERM');
    expect((await anna.closed).code).toBe(1001);
    expect((await host.exit).code).toBe(0);
  });

  test('given again during the drain ends the process at once', async () => {
    const host = await HostProcess.listening({ DRAIN_TIMEOUT: '60' });
    await join(host.port, 'room', 'anna').next();
    host.kill('SIGINT');
    await host.line('draining');
    host.kill('SIGINT');
    expect((await host.exit).code).toBe(128 + 2);
  });

  test('ends a process whose log lost its reader while idle', async () => {
    const host = await HostProcess.listening();
    await host.loseReader();
    host.kill('SIGTERM');
    expect((await host.exit).code).toBe(0);
  });

  test.each([
    ['once', ['SIGTERM'], 0],
    ['twice', ['SIGTERM', 'SIGTERM'], 128 + 15],
  ] as const)('given %s ends a process whose log is full', async (_, signals, code) => {
    const host = await HostProcess.listening();
    host.stopReading();
    const room = 'x'.repeat(256);
    for (let round = 0; round < 4; round++) {
      const clients = Array.from({ length: 250 }, (_, n) =>
        join(host.port, room, `${round}.${n}${room.slice(10)}`),
      );
      await Promise.all(clients.map((client) => client.next()));
      for (const client of clients) client.ws.terminate();
    }
    const mute = join(host.port, 'room', 'mute');
    await mute.next();
    mute.ws.pause();
    for (const signal of signals) {
      host.kill(signal);
      if (signals.length > 1) await refusal(host.port);
    }
    expect((await host.exit).code).toBe(code);
  });

  test('ends a process whose log is not read', async () => {
    const host = await HostProcess.listening();
    host.child.stdout?.destroy();
    await join(host.port, 'room', 'anna').next();
    await join(host.port, 'room', 'ben').next();
    host.kill('SIGTERM');
    expect((await host.exit).code).toBe(0);
  });
});

describe('an unexpected error', () => {
  test('ends the process with code 1 after closing the sockets, even if the log is not read', async () => {
    const failure = `process.on('SIGUSR2',()=>{throw(new(Error)("boom"))})`;
    const host = await HostProcess.listening({ NODE_OPTIONS: `--import=data:text/javascript,${failure}` });
    const anna = join(host.port, 'room', 'anna');
    await anna.next();
    await host.line('joined');
    await host.loseReader();
    host.kill('SIGUSR2');
    expect((await anna.closed).code).toBe(1001);
    expect((await host.exit).code).toBe(1);
  });

  test.each([
    ['an exception', 'uncaughtException', 'throw new Error("boom")'],
    ['a rejection', 'unhandledRejection', 'Promise.reject(new Error("boom"))'],
  ])(
    '%s is logged whole, and ends the process with code 1 after telling the sockets',
    async (_, event, failure) => {
      const preload = `data:text/javascript,process.on('SIGUSR2', () => { ${encodeURIComponent(failure)} })`;
      const host = await HostProcess.listening({
        NODE_OPTIONS: `--import=${preload.replaceAll(' ', '%20')}`,
      });
      const anna = join(host.port, 'room', 'anna');
      await anna.next();
      host.kill('SIGUSR2');
      expect(await host.line('unexpected error: the process stops')).toMatchObject({
        level: 60,
        event,
        err: { message: 'boom', stack: expect.stringContaining('at ') },
      });
      expect((await anna.closed).code).toBe(1001);
      expect((await host.exit).code).toBe(1);
    },
  );
});
