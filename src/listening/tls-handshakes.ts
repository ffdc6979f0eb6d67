/** The connections of a TLS server whose handshake is not done: closing the server leaves them open. */
import type { Server } from 'node:https';
import type { Socket } from 'node:net';

/** @returns what destroys those that are there, and every one that comes later */
export function trackHandshakes(server: Server): () => void {
  const unfinished = new Map<string, Socket>();
  let closed = false;
  server.on('connection', (socket: Socket) => {
    if (closed) socket.destroy();
    const client = clientOf(socket);
    unfinished.set(client, socket);
    socket.once('close', () => unfinished.delete(client));
  });
  server.on('secureConnection', (socket) => unfinished.delete(clientOf(socket)));
  return () => {
    closed = true;
    for (const socket of unfinished.values()) socket.destroy();
  };
}

/** The TLS socket stands on the TCP socket, and nothing public leads from one to the other but the client. */
function clientOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
