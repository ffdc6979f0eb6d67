/** The backends of docs/applications.md run as they stand, beside a host: both play the same story. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Signer } from '../../src/hooks/signature';
import { SECRET } from '../helpers/application';
import { temporaryFolder } from '../helpers/certificates';
import { TestClient } from '../helpers/client';
import { ADMIN_TOKEN, ask } from '../helpers/http';
import { joinTarget } from '../helpers/join-target';
import { HostProcess } from '../helpers/process';
import { describeWith } from '../helpers/programs';
import { Queue } from '../helpers/queue';
import { bodyOf, startWebServer } from '../helpers/web-server';

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'applications.md'), 'utf8');
const APP_TOKEN = 'for-tests-w4Hq9ZsT2mLc';
const ROOM = 'salon/ä+1';
const AT_ROOM = `room=${encodeURIComponent(ROOM)}`;

interface Delivery {
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly status: number;
}

const running: ChildProcess[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(end));
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** A backend of the page, in a process of its own. */
class Backend {
  readonly #child: ChildProcess;
  readonly #url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  static async start(command: string, script: string, env: Record<string, string>): Promise<Backend> {
    const child = spawn(command, [script], {
      env: { ...env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    running.push(child);
    for await (const line of createInterface({ input: child.stdout }))
      return new Backend(child, `http://127.0.0.1:${line.replace('listening on ', '')}`);
    throw new Error('the backend has ended');
  }

  stop(): Promise<void> {
    return end(this.#child);
  }

  async ask(method: string, path: string, token = APP_TOKEN): Promise<{ status: number; json: unknown }> {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(this.#url + path, { method, headers });
    const text = await response.text();
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
  }

  /** Who was there, and whether they still are. */
  async attendance(): Promise<string[]> {
    const visits = (await this.ask('GET', `/attendance?${AT_ROOM}`)).json as Record<string, string>[];
    for (const { room, from, to = from } of visits) {
      expect(room).toBe(ROOM);
      expect(Date.parse(to ?? '')).toBeGreaterThanOrEqual(Date.parse(from ?? ''));
    }
    return visits.map(({ name, to }) => `${name} ${to === undefined ? 'is there' : 'was there'}`);
  }

  /** Tells it an event, and says what it answers. */
  async tell(headers: Record<string, string>, body: string): Promise<number> {
    return (await fetch(`${this.#url}/hooks`, { method: 'POST', headers, body })).status;
  }
}

function listing(language: string): string {
  return new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``).exec(page)?.[1] ?? '';
}

test.each(['js', 'python'])('the backend in %s has 40 lines that fit on a screen', (language) => {
  const lines = listing(language).split('\n');
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(lines.filter(({ length }) => length > 120)).toEqual([]);
});

/** Starts a backend that lacks a setting. @returns what it says */
async function startWithout(command: string, script: string, env: Record<string, string>): Promise<string> {
  const child = spawn(command, [script], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  running.push(child);
  let said = '';
  for await (const chunk of child.stderr) said += chunk;
  return said;
}

async function playStory(command: string, name: string, language: string): Promise<void> {
  const folder = temporaryFolder();
  const script = join(folder, name);
  writeFileSync(script, listing(language));

  // Stands between the two, which cannot both know the other's port before they start, and reads what is told.
  let backend: Backend;
  const told = new Queue<Delivery>();
  const between = await startWebServer(async (request, response) => {
    const headers = Object.fromEntries(
      ['id', 'timestamp', 'signature'].map((part) => [
        `webhook-${part}`,
        String(request.headers[`webhook-${part}`]),
      ]),
    );
    const body = await bodyOf(request);
    const status = await backend.tell(headers, body);
    response.writeHead(status).end();
    told.push({ headers, body, status });
  });
  const tells = async (status: number, part: string): Promise<Delivery> => {
    for (;;) {
      const delivery = await told.next();
      if (delivery.status === status && delivery.body.includes(part)) return delivery;
    }
  };
  const secrets = { ADMIN_TOKEN, WEBHOOK_SIGNING_SECRET: SECRET };
  const { port } = await HostProcess.listening({ ...secrets, WEBHOOK_URL: between.url });
  const [place, elsewhere] = [join(folder, 'place'), join(folder, 'elsewhere')];
  mkdirSync(place);
  const file = join(place, 'attendance.jsonl');
  const settings = {
    ...secrets,
    APP_TOKEN,
    CONFERENCE_URL: `http://127.0.0.1:${port}`,
    ATTENDANCE_FILE: file,
  };
  expect(await startWithout(command, script, { ...settings, APP_TOKEN: '' })).toContain(
    'APP_TOKEN is not set',
  );
  backend = await Backend.start(command, script, settings);
  const comes = (stream: string) => new TestClient(`ws://127.0.0.1:${port}${joinTarget(ROOM, stream)}`);

  // What cannot be kept is not confirmed, and comes again.
  renameSync(place, elsewhere);
  const anna = comes('anna');
  const failed = await tells(500, '"joined":["anna"]');
  renameSync(elsewhere, place);
  const repeated = await tells(204, '"joined":["anna"]');
  expect(repeated.headers['webhook-id']).toBe(failed.headers['webhook-id']);
  expect(await backend.attendance()).toEqual(['anna is there']);
  expect(JSON.parse(readFileSync(file, 'utf8')).data).toMatchObject({ room: ROOM, streams: ['anna'] });

  const mallory = comes('mallory');
  const both = await tells(204, '"joined":["mallory"]');
  expect(await backend.ask('POST', `/start?${AT_ROOM}`)).toMatchObject({
    ...{ status: 200, json: { room: ROOM, locked: { value: true } } },
  });
  expect(await comes('zoe').closed).toMatchObject({ code: 4423 });

  const thrownOut = await backend.ask('POST', `/throw-out?${AT_ROOM}&name=mallory`);
  expect(thrownOut).toMatchObject({
    status: 200,
    json: { removed: 1, ban: { room: ROOM, name: 'mallory' } },
  });
  const banned = { code: 4403, reason: 'back in an hour' };
  expect(await mallory.closed).toEqual(banned);
  expect(await comes('mallory').closed).toEqual(banned);
  expect(await comes('mallory2').closed).toMatchObject({ code: 4423 });
  const { bans } = (await ask(port, '/api/bans')).json as { bans: { until: number }[] };
  expect(Math.round(((bans[0]?.until ?? 0) - Date.now()) / 60_000)).toBe(60);

  await tells(204, '"left":["mallory"]');
  await anna.leave();
  await tells(204, '"left":["anna"]');
  const again = comes('anna');
  await again.next();
  await tells(204, '"joined":["anna"]');
  const attendance = ['anna was there', 'mallory was there', 'anna is there'];
  expect(await backend.attendance()).toEqual(attendance);

  // It starts again: what it knew is there, and what came before does not count anew.
  await backend.stop();
  appendFileSync(file, '\n{"type":"roster.chan');
  backend = await Backend.start(command, script, settings);
  expect(await backend.tell(both.headers, both.body)).toBe(204);
  expect(await backend.attendance()).toEqual(attendance);
  await again.leave();
  await tells(204, 'room.empty');
  await backend.stop();
  backend = await Backend.start(command, script, settings);
  attendance[2] = 'anna was there';
  expect(await backend.attendance()).toEqual(attendance);

  // It believes nobody else.
  const later = both.body.replace(/"seq":\d+/, `"seq":${Number.MAX_SAFE_INTEGER}`);
  const old = Math.floor(Date.now() / 1_000) - 600;
  const { 'webhook-signature': _, ...unsigned } = both.headers;
  expect(await backend.tell(both.headers, later)).toBe(401);
  expect(await backend.tell(unsigned, later)).toBe(401);
  const stale = new Signer([SECRET]).headers({ id: 'msg_1', timestamp: old, body: later });
  expect(await backend.tell(stale, later)).toBe(401);
  for (const path of ['/start', '/throw-out'])
    expect(await backend.ask('POST', `${path}?${AT_ROOM}&name=anna`, 'undefined')).toMatchObject({
      status: 401,
    });
  expect(await backend.ask('GET', `/attendance?${AT_ROOM}`, '')).toMatchObject({ status: 401 });
  for (const path of ['/start', `/throw-out?${AT_ROOM}`, '/throw-out?name=anna'])
    expect([path, (await backend.ask('POST', path)).status]).toEqual([path, 400]);
  expect(await backend.attendance()).toEqual(attendance);
}

test('the backend in Node keeps attendance, locks a room, and throws somebody out', () =>
  playStory(process.execPath, 'app.mjs', 'js'));

describeWith('python3', 'the backend in Python', (python) => {
  test('does the same', () => playStory(python, 'app.py', 'python'));
});
