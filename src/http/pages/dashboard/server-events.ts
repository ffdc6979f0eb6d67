/** Reads server-sent events of a response: EventSource cannot send a token. */

export interface ServerEvent {
  readonly type: string;
  readonly data: string;
}

/** As the host writes them: an `event` line, then a `data` line, then an empty one. */
const EVENT = /^event: (.*)\ndata: (.*)$/m;

export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const [, type, data] = EVENT.exec(event) ?? [];
      if (type !== undefined && data !== undefined) yield { type, data };
    }
  }
}
