/** Node has a WebSocket of its own since version 22. */
import type { WebSocketClass, WebSocketLike } from './types';

const NO_WEBSOCKET = 'there is no WebSocket: use Node 22, or `npm install ws`, or pass the option WebSocket';
/** A code that one does not come back after. */
const PROTOCOL_ERROR = 1002;

export async function findWebSocket(): Promise<WebSocketClass> {
  const { WebSocket } = globalThis as { WebSocket?: WebSocketClass };
  return WebSocket ?? (await installedWebSocket()) ?? NoWebSocket;
}

/** That of the package `ws`. Its name is a variable, so that bundlers leave it alone. */
async function installedWebSocket(name = 'ws'): Promise<WebSocketClass | undefined> {
  try {
    const { WebSocket }: { readonly WebSocket: WebSocketClass } = await import(
      /* webpackIgnore: true */ /* @vite-ignore */ name
    );
    return WebSocket;
  } catch {
    return undefined;
  }
}

/** Says what to do, and is closed for good. */
class NoWebSocket implements WebSocketLike {
  readyState = 0;
  onmessage = null;
  onerror = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;

  constructor() {
    console.error(`conference-host/client: ${NO_WEBSOCKET}`);
    queueMicrotask(() => this.onclose?.({ code: PROTOCOL_ERROR, reason: NO_WEBSOCKET }));
  }

  send(): void {}
  close(): void {}
}
