/** Reads server-sent events of the API. */
import type { Feed, Figures } from '../../src/http/shapes';
import { ADMIN_TOKEN } from './http';

interface DataOf {
  readonly figures: Figures;
  readonly feed: Feed;
}

export interface EventReader {
  /** The next event of this type; those of others are kept. */
  next<T extends keyof DataOf>(type: T): Promise<DataOf[T]>;
  close(): Promise<void>;
}

export async function readEvents(port: number, target: string): Promise<EventReader> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const { body, headers: answered } = await fetch(`http://127.0.0.1:${port}${target}`, { headers });
  expect(answered.get('content-type')).toBe('text/event-stream');
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  const kept: { type: string; data: string }[] = [];
  let text = '';
  const read = async () => {
    const { value, done } = (await reader?.read()) ?? { done: true };
    if (done) throw new Error('the events have ended');
    const events = (text + value).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const [, type = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
      kept.push({ type, data });
    }
  };
  return {
    next: async (wanted) => {
      let found = -1;
      while (found < 0) {
        found = kept.findIndex(({ type }) => type === wanted);
        if (found < 0) await read();
      }
      const [event] = kept.splice(found, 1);
      return JSON.parse(event?.data ?? '');
    },
    close: async () => reader?.cancel(),
  };
}
