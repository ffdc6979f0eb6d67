/**
 * Stands in for a Red5 Pro server and for a Stream Manager 2.0, as Red5's documentation has them: both APIs, the
 * webhooks, and how they fail. It was made from the documentation alone; no real server was at hand.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Queue } from './queue';
import { startWebServer, type WebServer } from './web-server';

export const ACCESS_TOKEN = 'xyz-access-token-of-the-tests';
export const WEBHOOK_SECRET = 'hook-Zq8vTm3Lw7Xp-2Rk9';
export const CREDENTIALS = { user: 'admin', password: 'Sm-pass-7Qx9' };

/** How it answers, where not as it should. */
export type Failure =
  | 'refuses'
  | 'is at fault'
  | 'talks nonsense'
  | 'answers with a page'
  | 'has a proxy that is at fault'
  | 'redirects'
  | 'lists no streams'
  | 'lists what is no stream'
  | 'sends without end'
  | 'is silent'
  | 'hangs up'
  | 'speaks another protocol';

export class Red5 {
  /** Whether a room without publishers is a 404, or an empty list: the documentation bears either. */
  forgetsRooms = true;
  /** Whether the API answers with HTTP status 200 always, and with its own in the answer. */
  tellsStatusInside = false;
  failure: Failure | undefined;
  /** Whether the Stream Manager wants its token. */
  wantsToken = false;
  /** Whether it cannot give a token to anybody. */
  cannotLogIn = false;
  /** Questions so far. */
  asked = 0;
  logins = 0;
  readonly questions = new Queue<string>();
  readonly #live = new Set<string>();
  #server: WebServer | undefined;
  #token = 0;
  #port = 0;

  static async start(): Promise<Red5> {
    const red5 = new Red5();
    await red5.up();
    return red5;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The settings of a host that asks it as a standalone server. */
  get standalone() {
    return { red5Url: this.url, red5AccessToken: ACCESS_TOKEN, red5WebhookSecret: WEBHOOK_SECRET };
  }

  /** The settings of a host that asks it as a Stream Manager. */
  get streamManager() {
    return { streamManagerUrl: this.url, red5WebhookSecret: WEBHOOK_SECRET };
  }

  async up(): Promise<void> {
    this.#server = await startWebServer((request, response) => this.#answer(request, response), this.#port);
    this.#port = this.#server.port;
  }

  /** It goes away with all connections. What was live stays so, unless somebody unpublishes. */
  async down(): Promise<void> {
    await this.#server?.stop();
  }

  /** Somebody publishes; nobody is told. */
  publish(...paths: string[]): void {
    for (const path of paths) this.#live.add(path);
  }

  unpublish(...paths: string[]): void {
    for (const path of paths) this.#live.delete(path);
  }

  /** The streams of a room that are live. */
  live(room: string): string[] {
    return [...this.#live].filter((path) => roomOf(path) === room).map(nameOf);
  }

  /** The next question, and its answer is on its way. */
  next(): Promise<string> {
    return this.questions.next();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://red5');
    request.resume();
    if (this.tellsStatusInside) overrule(response, 200);
    if (this.failure !== undefined) this.#fail(this.failure, pathname, response);
    else if (pathname === '/as/v1/auth/login') this.#logIn(request, response);
    else if (pathname.startsWith('/as/v1/streams/stream/')) this.#answerAll(pathname, request, response);
    else this.#answerRoom(pathname, searchParams, response);
    this.asked++;
    this.questions.push(request.url ?? '');
  }

  #answerRoom(pathname: string, query: URLSearchParams, response: ServerResponse): unknown {
    const [, rest] = /^\/api\/v1\/applications\/live\/streams(.*)$/.exec(pathname) ?? [];
    if (query.get('accessToken') !== ACCESS_TOKEN) return problem(response, 401, 'Unauthorized');
    const room = query.get('scope') ?? '';
    if (rest === '') {
      const names = this.live(room);
      if (names.length === 0 && this.forgetsRooms) return problem(response, 404, 'Scope not found');
      return success(response, names);
    }
    const [, name] = /^\/([^/]+)\/action\/unpublish$/.exec(rest ?? '') ?? [];
    const isLive = name !== undefined && this.#live.delete(`live/${room}/${decodeURIComponent(name)}`);
    if (!isLive) return problem(response, 404, 'Stream not found');
    return success(response, {});
  }

  #answerAll(pathname: string, request: IncomingMessage, response: ServerResponse): unknown {
    const isKnown = request.headers.authorization === `Bearer token-${this.#token}`;
    if (this.wantsToken && !isKnown) return problem(response, 401, 'Unauthorized');
    if (!pathname.endsWith('/default')) return problem(response, 404, 'Node group not found');
    const facts = { serverAddress: '10.0.0.1', nodeRole: 'origin', subGroup: 'main', nodeState: 'INSERVICE' };
    return send(
      response,
      200,
      Array.from(this.#live, (streamGuid) => ({ streamGuid, ...facts })),
    );
  }

  #logIn(request: IncomingMessage, response: ServerResponse): unknown {
    if (this.cannotLogIn) return problem(response, 503, 'Service unavailable');
    const { user, password } = CREDENTIALS;
    const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    if (request.method !== 'PUT' || request.headers.authorization !== wanted) {
      return problem(response, 401, 'Unauthorized');
    }
    this.logins++;
    this.#token++;
    return send(response, 200, { token: `token-${this.#token}` });
  }

  /** The token of the Stream Manager is good no more. */
  expireToken(): void {
    this.#token++;
  }

  #fail(failure: Failure, pathname: string, response: ServerResponse): unknown {
    switch (failure) {
      case 'refuses':
        return problem(response, 401, 'Unauthorized');
      case 'is at fault':
        return problem(response, 500, 'Internal error');
      case 'talks nonsense':
        return response.end('{"status":"success","code":200,"da');
      case 'answers with a page':
        return response.writeHead(404, { 'Content-Type': 'text/html' }).end('<h1>404</h1>');
      case 'has a proxy that is at fault':
        return response.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>Bad Gateway</h1>');
      case 'redirects':
        return response.writeHead(302, { Location: 'https://red5.example/login' }).end();
      case 'lists what is no stream': {
        const entry = { name: 'anna' };
        return pathname.startsWith('/as/') ? send(response, 200, [entry]) : success(response, [entry]);
      }
      case 'lists no streams':
        return pathname.startsWith('/as/') ? send(response, 200, {}) : success(response, { anna: true });
      case 'sends without end': {
        const more = (): void => {
          if (!response.destroyed) response.write(Buffer.alloc(1 << 20, ' '), more);
        };
        return more();
      }
      case 'speaks another protocol':
        return response.socket?.end(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
        );
      case 'hangs up':
        return response.destroy();
      case 'is silent':
        return undefined;
    }
  }
}

/** Posts a webhook as the server does. */
export async function postHint(
  port: number,
  event: string,
  guid: string,
  { secret = WEBHOOK_SECRET, more = {} }: { secret?: string; more?: object } = {},
): Promise<number> {
  const body = { event, guid, username: null, userAgent: 'OBS', clusterNodeType: 'TYPE_AUTO', ...more };
  const response = await fetch(`http://127.0.0.1:${port}/webhook/${secret}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  await response.text();
  return response.status;
}

function roomOf(path: string): string {
  return path.split('/').slice(1, -1).join('/');
}

function nameOf(path: string): string {
  return path.split('/').at(-1) ?? '';
}

function overrule(response: ServerResponse, status: number): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((_status: number, headers: OutgoingHttpHeaders) =>
    writeHead(status, headers)) as typeof writeHead;
}

function success(response: ServerResponse, data: unknown): ServerResponse {
  return send(response, 200, { status: 'success', code: 200, data, timestamp: Date.now() });
}

function problem(response: ServerResponse, code: number, message: string): ServerResponse {
  return send(response, code, { status: 'error', code, message, timestamp: Date.now() });
}

function send(response: ServerResponse, status: number, body: unknown): ServerResponse {
  return response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
