/** Stands in for the backend that Red5 Pro's round-trip authentication asks. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Queue } from './queue';
import { bodyOf, startWebServer, type WebServer } from './web-server';

export interface Question {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly contentType: string | undefined;
  readonly forwardedFor: string | undefined;
  readonly body: Record<string, unknown>;
  /** Settles when the answer is through, or whoever asked has gone away; true where it had been answered. */
  readonly over: Promise<boolean>;
  readonly response: ServerResponse;
  yes(): void;
  no(): void;
}

export interface Backend extends WebServer {
  /** The next question that has come. */
  next(): Promise<Question>;
  /** How many questions have come. */
  asked(): number;
}

/** @param answer answers each question; unless given, the test does */
export async function startBackend(answer: (question: Question) => void = () => {}): Promise<Backend> {
  const questions = new Queue<Question>();
  let asked = 0;
  const server = await startWebServer(async (request, response) => {
    asked++;
    const question = await read(request, response);
    questions.push(question);
    answer(question);
  });
  return { ...server, next: () => questions.next(), asked: () => asked };
}

async function read(request: IncomingMessage, response: ServerResponse): Promise<Question> {
  const over = new Promise<boolean>((resolve) => {
    response.on('close', () => resolve(response.writableFinished));
  });
  const reply = (result: boolean) => response.end(JSON.stringify({ result, url: '' }));
  return {
    method: request.method,
    path: request.url,
    contentType: request.headers['content-type'],
    forwardedFor: request.headers['x-forwarded-for']?.toString(),
    body: JSON.parse(await bodyOf(request)),
    over,
    response,
    yes: () => reply(true),
    no: () => reply(false),
  };
}
