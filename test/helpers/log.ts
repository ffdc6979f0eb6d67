/** A log that a test reads line by line, as the host's own logger writes it. */
import pino, { type Logger } from 'pino';
import { Queue } from './queue';

export class TestLog {
  /** All lines so far, of every level. */
  text = '';
  readonly logger: Logger;
  readonly #lines = new Queue<string>();

  constructor() {
    const write = (line: string) => {
      this.text += line;
      this.#lines.push(line);
    };
    this.logger = pino({ level: 'trace' }, { write });
  }

  /** The next line with this message. */
  async line(message: string): Promise<Record<string, unknown>> {
    for (;;) {
      const line = JSON.parse(await this.#lines.next());
      if (line.msg === message) return line;
    }
  }
}
