/** The log of the process as its reader gets it: from a pipe, a file or a terminal. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { version } from '../../package.json';
import { temporaryFolder } from '../helpers/certificates';
import { TestClient } from '../helpers/client';
import { joinTarget } from '../helpers/host';
import { HostProcess, type LogLine } from '../helpers/process';

const ADMIN_TOKEN = 'q7Vx2ZpL9sKd3WmT8rYb';
const CTRL_S = '\x13';

/** Runs the host on a terminal, whose keyboard is the standard input. */
const ON_TERMINAL = ['sh', '-c', 'exec script -qec "exec $*" /dev/null', 'sh'];

const enter = (port: number, room: string, name: string) =>
  new TestClient(`ws://127.0.0.1:${port}${joinTarget(room, name)}`);

/** So many members come and go, a hundred at a time. */
async function visits(port: number, count: number): Promise<void> {
  const name = 'x'.repeat(200);
  for (let round = 0; round < count / 100; round++) {
    const clients = Array.from({ length: 100 }, (_, n) => enter(port, `${round} ${n}`, name));
    await Promise.all(clients.map((client) => client.next()));
    await Promise.all(clients.map((client) => client.leave()));
  }
}

/** Runs the host with its standard output in a file; done when it listens. */
async function intoFile(
  file: string,
  env: Record<string, string> = {},
): Promise<{ host: HostProcess; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const command = ['sh', '-c', `exec "$@" >${file}`, 'sh'];
  const host = new HostProcess({ HOST: '127.0.0.1', PORT: `${port}`, ...env }, [], command);
  while ((await enter(port, '', '').closed).code === 1006);
  return { host, port };
}

const linesOf = (text: string): LogLine[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const howMany = (lines: readonly LogLine[], message: string) =>
  lines.filter(({ msg }) => msg === message).length;

/** Runs the host with code of the test's own, which SIGUSR2 begins. */
const onSignal = (code: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2',()=>{${code}})`)}`,
});

describe('the log', () => {
  test('writes a line even if no other follows', async () => {
    const host = await HostProcess.listening();
    await host.line('doors');
    const anna = enter(host.port, 'room', 'anna');
    await anna.next();
    expect(await host.line('joined')).toMatchObject({ streamName: 'anna' });
  });

  test('names the pages beside the addresses for clients', async () => {
    const host = new HostProcess({ HOST: '127.0.0.1', PORT: '0' });
    const { urls, pages } = await host.line('listening');
    const [, port] = /^ws:\/\/127\.0\.0\.1:(\d+)$/.exec(String(urls)) ?? [];
    expect(pages).toEqual([`http://127.0.0.1:${port}/`]);
  });

  test.each(['ADMIN_TOKEN', 'METRICS_TOKEN'])('names the dashboard if %s opens it', async (token) => {
    const host = new HostProcess({ HOST: '127.0.0.1', PORT: '0', [token]: ADMIN_TOKEN });
    const { pages } = await host.line('listening');
    const [page, dashboard] = pages as string[];
    expect(dashboard).toBe(`${page}dashboard`);
    expect((await fetch(dashboard ?? '')).headers.get('content-type')).toMatch('text/html');
  });

  test('is complete in a file when the process has exited', async () => {
    const file = join(temporaryFolder(), 'out');
    const { host, port } = await intoFile(file);
    await visits(port, 500);
    host.kill('SIGTERM');
    expect((await host.exit).code).toBe(0);
    const lines = linesOf(readFileSync(file, 'utf8'));
    expect([howMany(lines, 'joined'), howMany(lines, 'left')]).toEqual([500, 500]);
    expect(lines.at(-1)).toMatchObject({ msg: 'closed' });
  });

  test('has the lines just before a second signal', async () => {
    const host = await HostProcess.listening({ DRAIN_TIMEOUT: '60' });
    await enter(host.port, 'room', 'anna').next();
    host.kill('SIGTERM');
    await host.line('draining');
    await enter(host.port, 'room', 'ben').refusedWith();
    host.kill('SIGTERM');
    await host.exit;
    expect(linesOf(host.stdout).at(-1)).toMatchObject({ msg: 'refused', refusal: 'draining' });
  });

  test('has the lines before an unusable setting', async () => {
    const env = { SSL: 'true', TLS_CERT: '/nowhere/cert', TLS_KEY: '/nowhere/key', PORT: '0' };
    const host = new HostProcess(env);
    expect((await host.exit).code).toBe(2);
    expect(linesOf(host.stdout)).toMatchObject([
      { msg: expect.stringMatching(/^instead of SSL=true write/) },
    ]);
  });

  test('has the fatal line of a process that hangs', async () => {
    const host = await HostProcess.listening(
      onSignal('setImmediate(()=>{for(;;);});throw new Error("boom")'),
    );
    await enter(host.port, 'room', 'anna').next();
    await host.line('joined');
    // The process has then heard, too, that this line is written.
    await fetch(`http://127.0.0.1:${host.port}/healthz`);
    host.kill('SIGUSR2');
    expect(await host.line('unexpected error: the process stops')).toMatchObject({
      err: { message: 'boom' },
    });
  });

  test('reaches a paused reader complete and in order', async () => {
    const host = await HostProcess.listening();
    host.stopReading();
    await visits(host.port, 1_000);
    host.readOn();
    for (let left = 0; left < 1_000; left++) await host.line('left');
    const joined = linesOf(host.stdout).filter(({ msg }) => msg === 'joined');
    expect(joined.map(({ member }) => member)).toEqual(Array.from({ length: 1_000 }, (_, n) => n + 1));
  });

  test('on a full disk does not disturb the host', async () => {
    const { host, port } = await intoFile('/dev/full');
    const anna = enter(port, 'room', 'anna');
    await visits(port, 100);
    const ben = enter(port, 'room', 'ben');
    await anna.until('anna', 'ben');
    host.kill('SIGTERM');
    expect((await ben.closed).code).toBe(1001);
    expect(await host.exit).toEqual({ code: 0, stderr: '' });
  });
});

describe('the log on a terminal', () => {
  async function onTerminal() {
    const host = new HostProcess({ HOST: '127.0.0.1', PORT: '0', ADMIN_TOKEN }, [], ON_TERMINAL);
    await host.text('Ctrl+C');
    const [, port] = /http:\/\/127\.0\.0\.1:(\d+)\//.exec(host.stdout) ?? [];
    return { host, port: Number(port) };
  }

  test('begins with five lines: what runs, the page, phones, who may do what, how to stop', async () => {
    const { host, port } = await onTerminal();
    await enter(port, 'room', 'anna').next();
    await host.text('joined');
    const [what, open, phones, access, stop, first] = host.stdout.split(/\r?\n/);
    expect(what).toBe(`conference-host ${version} is running`);
    expect(open).toMatch(`http://127.0.0.1:${port}/ `);
    expect(open).toMatch(`http://127.0.0.1:${port}/dashboard`);
    expect(phones).toMatch(/cannot reach it.*HOST=127\.0\.0\.1/);
    expect(access).toMatch(
      /only on 127\.0\.0\.1 \(HOST\), without a token \(JWT_SECRET\), from pages of any site/,
    );
    expect(stop).toMatch('Ctrl+C');
    expect(first).toMatch(/ INFO.*joined/);
    expect(host.stdout).not.toMatch(ADMIN_TOKEN);
  });

  test('has one line per event, without active control characters', async () => {
    const { host, port } = await onTerminal();
    const client = enter(port, 'room', 'a\u202eb\u009bc');
    await client.next();
    await client.leave();
    const shown = '"streamName":"a\\u202eb\\u009bc"';
    expect(await host.text('joined')).toMatch(shown);
    expect(await host.text('left')).toMatch(shown);
    const [first, second] = host.stdout.split('\n').filter((line) => line.includes('streamName'));
    expect([first, second]).toEqual([
      expect.stringMatching(/ INFO.*joined/),
      expect.stringMatching(/ INFO.*left/),
    ]);
  });

  test('does not block the exit when the terminal is stopped', async () => {
    const { host, port } = await onTerminal();
    const { pid } = host.child;
    host.child.stdin?.write(CTRL_S);
    await visits(port, 100);
    process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')), 'SIGTERM');
    expect((await host.exit).code).toBe(0);
  });
});
