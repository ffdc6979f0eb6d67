/**
 * One question to the media server. Not by `fetch`, which takes three times as long for a small answer, and a thousand
 * rooms ask two hundred times a second.
 */
import { Agent as PlainAgent, type RequestOptions, request as requestPlain } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import type { Clock } from '../clock';

/** Milliseconds that the server has for its whole answer. */
export const ANSWER_TIMEOUT = 5_000;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Question {
  /** Path and query, from the server's root. */
  readonly path: string;
  readonly method?: 'GET' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
}

export class Server {
  readonly #clock: Clock;
  readonly #target: RequestOptions;
  readonly #prefix: string;
  readonly #request: typeof requestPlain;
  readonly #agent: PlainAgent;
  readonly #mostBytes: number;

  /** @param mostBytes of an answer; what is longer is none */
  constructor(url: string, clock: Clock, mostInFlight: number, mostBytes: number) {
    const { protocol, hostname, port, pathname } = new URL(url);
    const isPlain = protocol === 'http:';
    const pool = { keepAlive: true, maxSockets: mostInFlight };
    this.#clock = clock;
    this.#target = { hostname: hostname.replace(/^\[|\]$/g, ''), port };
    this.#prefix = pathname.replace(/\/+$/, '');
    this.#request = isPlain ? requestPlain : requestTls;
    this.#agent = isPlain ? new PlainAgent(pool) : new TlsAgent(pool);
    this.#mostBytes = mostBytes;
  }

  /** @throws Error where there is no answer; its message holds nothing of the question */
  ask({ path, method = 'GET', headers = {} }: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { ...this.#target, agent: this.#agent, method, headers, path: this.#prefix + path };
      const asked = this.#request(options, (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          chunks.push(chunk);
          if (length > this.#mostBytes)
            asked.destroy(new Error(`its answer is longer than ${this.#mostBytes} bytes`));
        });
        response.on('error', fail);
        response.on('end', () => {
          isAnswered = true;
          cancel();
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
        });
      });
      let isAnswered = false;
      const cancel = this.#clock.schedule(() => {
        asked.destroy(new Error(`it does not answer within ${ANSWER_TIMEOUT / 1_000} s`));
      }, ANSWER_TIMEOUT);
      function fail(error: NodeJS.ErrnoException): void {
        cancel();
        reject(new Error(error.code === undefined ? error.message : `it cannot be reached: ${error.code}`));
      }
      asked.on('error', fail);
      // An answer that switches protocols ends the request without an error. (To make an error is expensive.)
      asked.on('close', () => {
        if (!isAnswered) fail(new Error('it hangs up without an answer'));
      });
      asked.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
