/** A client that speaks `conference.2`: it keeps the list that its frames make. */
import type { ClientOptions } from 'ws';
import { TestClient } from './client';

export const ASKING = 'conference.2';

/** Any frame of the host; which keys are there depends on its type. */
export interface Frame {
  readonly type: string;
  readonly room?: string;
  readonly seq?: number;
  readonly since?: number;
  readonly streams?: string[];
  readonly left?: string[];
  readonly joined?: string[];
  readonly beat?: number;
  readonly expires?: number;
  readonly wait?: number;
  readonly reason?: string;
  readonly message?: unknown;
  readonly metadata?: Record<string, unknown>;
}

/** The list after a frame. @throws where the frame is not about the list before, as no host may send it */
export function applyFrame(
  { streams, seq }: { readonly streams: readonly string[]; readonly seq: number | undefined },
  frame: Frame,
): { streams: readonly string[]; seq: number | undefined } {
  if (frame.type === 'roster') return { streams: frame.streams ?? [], seq: frame.seq };
  if (frame.type !== 'changes') return { streams, seq };
  const { left = [], joined = [] } = frame;
  const since = frame.since ?? (frame.seq ?? 0) - 1;
  if (since !== seq) throw new Error(`changes since ${since}, but the list is that of ${seq}`);
  if (left.some((name) => !streams.includes(name))) throw new Error(`${left} left, of ${streams}`);
  if (joined.some((name) => streams.includes(name))) throw new Error(`${joined} joined ${streams}`);
  return { streams: [...streams.filter((name) => !left.includes(name)), ...joined], seq: frame.seq };
}

export class AskingClient extends TestClient {
  streams: readonly string[] = [];
  seq: number | undefined;

  constructor(url: string, protocols: string[] = [ASKING], options: ClientOptions = {}) {
    super(url, protocols, { rejectUnauthorized: false, ...options });
  }

  /** The next frame, which has changed the list where it is about it. */
  async frame(): Promise<Frame> {
    const frame: Frame = JSON.parse(await this.nextFrame());
    Object.assign(this, applyFrame(this, frame));
    return frame;
  }

  /** The next frame of this type. */
  async frameOf(type: string): Promise<Frame> {
    for (;;) {
      const frame = await this.frame();
      if (frame.type === type) return frame;
    }
  }

  /** Reads frames until the list has exactly these streams, in this order. */
  async untilListed(...streams: string[]): Promise<void> {
    while (JSON.stringify(this.streams) !== JSON.stringify(streams)) await this.frame();
  }

  ask(request: object): void {
    this.ws.send(JSON.stringify(request));
  }
}
