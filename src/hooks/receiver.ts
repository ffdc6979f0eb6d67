/**
 * The application's endpoint: takes one message at a time from each that sends, and gets nothing but its bytes. It is not
 * trusted to answer, to answer shortly, or to stay where it is.
 */
import { Agent as PlainAgent, type RequestOptions, request as requestPlain } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from '../clock';
import { version } from '../version';
import { publicLookup } from './public-lookup';

/** Milliseconds that it has to take a message and to answer. */
export const ANSWER_TIMEOUT = 5_000;
/** Messages that are on their way to it at a time. */
export const MOST_IN_FLIGHT = 16;
/** Bytes of an answer that are read, for the connection to be used again. */
const MOST_READ = 16 * 1024;

/** What became of a message: undefined if the receiver has it. */
export type Failure = { readonly why: string; readonly status?: number } | undefined;

export type Post = (body: string, headers: Readonly<Record<string, string>>) => Promise<Failure>;

export interface ReceiverSettings {
  readonly webhookUrl: string;
  readonly webhookAllowPrivate: boolean;
}

export class Receiver {
  readonly #clock: Clock;
  readonly #target: RequestOptions;
  readonly #request: typeof requestPlain;
  readonly #agent: PlainAgent;

  constructor({ webhookUrl, webhookAllowPrivate }: ReceiverSettings, clock: Clock) {
    const { protocol, hostname, port, pathname, search } = new URL(webhookUrl);
    const host = hostname.replace(/^\[|\]$/g, '');
    const isPlain = protocol === 'http:';
    const pool = { keepAlive: true, maxSockets: MOST_IN_FLIGHT };
    // Whoever writes an address means it; only a name may lead somewhere else tomorrow.
    const isMeant = webhookAllowPrivate || isIP(host) !== 0;
    this.#clock = clock;
    this.#request = isPlain ? requestPlain : requestTls;
    this.#agent = isPlain ? new PlainAgent(pool) : new TlsAgent(pool);
    this.#target = {
      ...{ hostname: host, port, path: pathname + search, method: 'POST', agent: this.#agent },
      ...(isMeant ? {} : { lookup: publicLookup() }),
    };
  }

  /** Never rejects. A redirect is a failure like any other answer that is not 2xx. */
  post(body: string, headers: Readonly<Record<string, string>>): Promise<Failure> {
    return new Promise((resolve) => {
      const bytes = Buffer.from(body);
      const asked = this.#request({
        ...this.#target,
        headers: {
          'content-type': 'application/json',
          'content-length': bytes.length,
          'user-agent': `conference-host/${version}`,
          ...headers,
        },
      });
      const cancel = this.#clock.schedule(() => {
        asked.destroy(new Error(`no answer within ${ANSWER_TIMEOUT / 1_000} s`));
      }, ANSWER_TIMEOUT);
      asked.on('response', (response) => {
        const { statusCode = 0 } = response;
        resolve(
          statusCode >= 200 && statusCode < 300
            ? undefined
            : { why: `status ${statusCode}`, status: statusCode },
        );
        let read = 0;
        response.on('data', (chunk: Buffer) => {
          read += chunk.length;
          if (read > MOST_READ) asked.destroy();
        });
        response.on('error', () => {});
      });
      asked.on('error', (error: NodeJS.ErrnoException) => resolve({ why: whyOf(error) }));
      // Also where an answer switches protocols, which ends the request without an error.
      asked.on('close', () => {
        cancel();
        resolve({ why: 'it hangs up without an answer' });
      });
      asked.end(bytes);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function whyOf({ code, message }: NodeJS.ErrnoException): string {
  return code === undefined ? message : `it cannot be reached: ${code}`;
}
