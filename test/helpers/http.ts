/** Asks a host over plain http. */
import { type IncomingHttpHeaders, request } from 'node:http';

export const ADMIN_TOKEN = 'for-tests-Kx8vQz3mWp6R';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly json: unknown;
}

/** Asks with the admin token unless headers say otherwise. */
export async function ask(
  port: number,
  target: string,
  { method = 'GET', headers = { authorization: `Bearer ${ADMIN_TOKEN}` } }: Asking = {},
): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${target}`, { method, headers });
  const body = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && body !== '';
  return {
    status: response.status,
    headers: response.headers,
    body,
    json: isJson ? JSON.parse(body) : undefined,
  };
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

/** Asks for a target as it stands, with any headers: `fetch` would normalise the one and forbid the other. */
export function askRaw(
  port: number,
  path: string,
  more: Record<string, string> = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, ...more };
    request({ host: '127.0.0.1', port, path, headers }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    })
      .on('error', reject)
      .end();
  });
}
