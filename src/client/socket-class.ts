import type { WebSocketClass } from './index';

export const NO_WEBSOCKET =
  'there is no WebSocket: use Node 22, or `npm install ws`, or pass the option WebSocket';

export function globalWebSocket(): WebSocketClass | undefined {
  return (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
}

/** That of the package `ws`, for Node before 22. Its name is a variable, so that bundlers leave it alone. */
export async function installedWebSocket(name = 'ws'): Promise<WebSocketClass | undefined> {
  try {
    const { WebSocket }: { readonly WebSocket: WebSocketClass } = await import(
      /* webpackIgnore: true */ /* @vite-ignore */ name
    );
    return WebSocket;
  } catch {
    return undefined;
  }
}
