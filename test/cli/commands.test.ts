/** The commands against a running host, as people and scripts use them. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../src/cli/run';
import { table, visible } from '../../src/cli/text';
import type { MemberPage, RoomPage } from '../../src/http/shapes';
import { COMMANDS } from '../../src/settings/command-line';
import { run } from '../helpers/command';
import { startHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';
import { freePort } from '../helpers/redis';

const METRICS_TOKEN = 'a-token-for-reading-in-tests';

const start = () => startHost({ adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN });

async function startWithRooms() {
  const host = await start();
  const anna = await host.join('red5', 'anna');
  const ben = await host.join('red5', 'ben');
  const carla = await host.join('my room', 'carla');
  return { ...host, anna, ben, carla };
}

test('rooms are listed for people, and as the API answers for scripts', async () => {
  const { port } = await startWithRooms();
  const { code, out } = await run(port, ['rooms', '--sort', 'members', '--order', 'desc']);
  expect(code).toBe(0);
  expect(out.replace(/\d+ s/g, '0 s')).toBe(
    [
      'ROOM     MEMBERS  STREAMS  NODES  OPEN FOR',
      'red5           2        2      1       0 s',
      'my room        1        1      1       0 s',
      '2 rooms',
      '',
    ].join('\n'),
  );
  const here = await run(0, ['rooms', '--json'], { ADMIN_TOKEN, PORT: `${port}` });
  expect(JSON.parse(here.out)).toMatchObject({ total: 2 });
  const json = await run(port, ['rooms', '--search', 'carla', '--json']);
  expect(JSON.parse(json.out) as RoomPage).toMatchObject({ total: 1, rooms: [{ matches: ['carla'] }] });
  expect((await run(port, ['rooms', '--limit', '1'])).out).toMatch(/\n1 to 1 of 2 rooms\n$/);
});

test('members are listed, and one of them is removed by its id', async () => {
  const { port, anna, ben } = await startWithRooms();
  const { out } = await run(port, ['members', 'red5', '--json']);
  const { members } = JSON.parse(out) as MemberPage;
  expect(members.map(({ streamName }) => streamName)).toEqual(['anna', 'ben']);
  const [, { id } = { id: '' }] = members;
  const kicked = await run(port, ['kick', id]);
  expect(kicked).toMatchObject({ code: 0, out: expect.stringMatching(/\bben\b.*\n1 member removed\n$/) });
  expect((await ben.closed).code).toBe(4403);
  expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
  expect(await anna.nextStreams()).toEqual(['anna']);
  expect(await run(port, ['kick', id])).toMatchObject({
    code: 3,
    err: expect.stringMatching('it may have left'),
  });
});

test('a name cannot write on the terminal, nor in JSON', async () => {
  const { port, join } = await start();
  await join('\u009b31m', '\u202e');
  for (const argv of [['rooms'], ['members'], ['members', '--json']]) {
    const { out } = await run(port, argv);
    expect(out).toMatch('\\u009b31m');
    expect(out).not.toMatch(/[\u009b\u202e]/);
  }
  const { out } = await run(port, ['rooms', '--json']);
  expect(JSON.parse(out)).toMatchObject({ rooms: [{ room: '\u009b31m' }] });
});

test('a room is cleared by its name, though it looks like an id', async () => {
  const { port, join } = await start();
  const anna = await join('00000000-1', 'anna');
  expect((await run(port, ['kick', '00000000-1'])).code).toBe(3);
  expect((await run(port, ['kick', '--room', '00000000-1'])).code).toBe(0);
  expect((await anna.closed).code).toBe(4403);
});

test('of a room, only one stream is removed', async () => {
  const { port, host, ben } = await startWithRooms();
  const kicked = await run(port, ['kick', 'red5', '--stream', 'ben']);
  expect(kicked).toMatchObject({ code: 0, out: expect.stringMatching(/\bben\b.*\n1 member removed\n$/) });
  expect((await ben.closed).code).toBe(4403);
  expect(host.members('red5').map(({ streamName }) => streamName)).toEqual(['anna']);
  expect((await run(port, ['kick', 'red5', '--stream', 'ben'])).code).toBe(3);
});

test('what goes wrong is said in one line, with an exit code of its own', async () => {
  const { port } = await start();
  const nowhere = await freePort();
  const cases: [string[], number, RegExp, Record<string, string>?][] = [
    [['kick', 'nobody'], 3, /^conference-host: nobody is in a room of this name\n$/],
    [
      ['kick', 'nobody'],
      1,
      /^conference-host: this token is read-only: use the admin token\n$/,
      { METRICS_TOKEN },
    ],
    [['rooms'], 1, /does not take this token\n$/, { ADMIN_TOKEN: 'wrong' }],
    [['rooms'], 2, /^conference-host: a token is needed: set ADMIN_TOKEN or ADMIN_TOKEN_FILE\n$/, {}],
    [
      ['rooms'],
      2,
      /^conference-host: ADMIN_TOKEN_FILE=\/nowhere cannot be read: /,
      { ADMIN_TOKEN_FILE: '/nowhere' },
    ],
    [['rooms', '--limit', '0'], 1, /^conference-host: limit takes a whole number from 1 to 500\n$/],
    [
      ['rooms', '--sort', 'colour'],
      2,
      /^conference-host: option '--sort <key>' argument 'colour' is invalid/,
    ],
    [['kick'], 2, /^conference-host: missing required argument 'id\|room'\n$/],
    [
      ['rooms', '--url', 'localhost'],
      2,
      /^conference-host: --url localhost is not valid: it takes an address/,
    ],
    [
      ['rooms', '--url', 'http://user:secret@localhost'],
      2,
      /^conference-host: --url takes no user and no password: the token goes into ADMIN_TOKEN\n$/,
    ],
    [['rooms', '--url', `http://127.0.0.1:${nowhere}`], 1, /is unreachable: nothing listens there\n$/],
  ];
  for (const [argv, code, err, env] of cases) {
    const ran = await run(port, argv, env as { ADMIN_TOKEN: string });
    expect([argv, ran]).toEqual([argv, { code, out: '', err: expect.stringMatching(err) }]);
  }
});

test('a host without tokens says so', async () => {
  const { port } = await startHost();
  expect((await run(port, ['rooms'])).err).toMatch(
    /has no API: neither ADMIN_TOKEN nor METRICS_TOKEN is set there/,
  );
});

test('the token may come from a file', async () => {
  const { port } = await start();
  const folder = mkdtempSync(join(tmpdir(), 'conference-cli-'));
  const file = join(folder, 'token');
  writeFileSync(file, `${ADMIN_TOKEN}\n`);
  const { code } = await run(port, ['rooms'], { ADMIN_TOKEN_FILE: file } as never);
  rmSync(folder, { recursive: true });
  expect(code).toBe(0);
});

test('what happens is followed until the host is gone for good, each once', async () => {
  const { port, host, join } = await start();
  await join('room', 'anna');
  const lines: string[] = [];
  let onLine = () => {};
  const watching = runCommand(['watch', '--json', '--url', `http://127.0.0.1:${port}`], {
    env: { METRICS_TOKEN },
    out: (text) => {
      lines.push(text);
      onLine();
    },
    err: () => {},
  });
  const until = async (length: number) => {
    while (lines.length < length) await new Promise<void>((resolve) => (onLine = resolve));
  };
  await until(1);
  await join('room', 'ben');
  await until(2);
  expect(lines.map((line) => JSON.parse(line).streamName)).toEqual(['anna', 'ben']);
  await host.close();
  const other = await startHost({ port });
  expect(await watching).toBe(1);
  expect(other.port).toBe(port);
});

describe('a host that hangs', () => {
  const answers: ((answer: ServerResponse) => void)[] = [];
  const server = createServer((_request, answer) => answers.shift()?.(answer));

  /** Runs only the timers of the commands when it is told to. */
  beforeEach(async () => {
    answers.length = 0;
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'setInterval', 'queueMicrotask', 'Date'] });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(async () => {
    jest.useRealTimers();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const port = () => (server.address() as AddressInfo).port;

  test('is given up, and said to be silent', async () => {
    const asked = new Promise<void>((resolve) => answers.push(() => resolve()));
    const ran = run(port(), ['rooms']);
    await asked;
    jest.advanceTimersByTime(10_000);
    expect(await ran).toMatchObject({ code: 1, err: expect.stringMatching('it does not answer\n$') });
  });

  test('is not watched in silence', async () => {
    let err = '';
    let onOut = () => {};
    const said = new Promise<void>((resolve) => (onOut = resolve));
    answers.push(
      (answer) => answer.write('event: feed\ndata: {"happenings":[{"id":"1"}],"skipped":0}\n\n'),
      (answer) => answer.writeHead(401).end('{"error":"unauthorised","message":""}'),
    );
    const watching = runCommand(['watch', '--json', '--url', `http://127.0.0.1:${port()}`], {
      env: { ADMIN_TOKEN },
      out: () => onOut(),
      err: (text) => (err += text),
    });
    await said;
    jest.advanceTimersByTime(5_000);
    expect(await watching).toBe(1);
    expect(err).toMatch(/^the connection is lost: trying again\n.* does not take this token\n$/s);
  });
});

test('every command has a help, with its exit codes', async () => {
  for (const command of COMMANDS.keys()) {
    const { code, out } = await run(0, [command, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: conference-host ${command} `));
    expect(out).toMatch('Exit codes: 0 done;');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  }
});

test('names of strangers cannot write on the terminal', () => {
  expect(visible('a\u202eb\u009bc')).toBe('a\\u202eb\\u009bc');
  expect(table([{ title: 'A' }, { title: 'B' }], [['\u202e', 'x']])).toBe('A       B\n\\u202e  x\n');
});
