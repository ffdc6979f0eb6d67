/** The server one writes by hand: each connect and each close sends the roster to everyone in the room. */
import { type WebSocket, WebSocketServer } from 'ws';

const rooms = new Map<string, Map<WebSocket, string>>();

new WebSocketServer({ port: Number(process.env.PORT) }).on('connection', (ws, request) => {
  const query = new URL(request.url ?? '', 'ws://localhost').searchParams;
  const name = query.get('room') ?? '';
  const members = rooms.get(name) ?? new Map<WebSocket, string>();
  rooms.set(name, members.set(ws, query.get('streamName') ?? ''));
  tell(name, members);
  ws.on('close', () => {
    members.delete(ws);
    if (members.size === 0) rooms.delete(name);
    tell(name, members);
  });
});

function tell(room: string, members: Map<WebSocket, string>): void {
  const roster = JSON.stringify({ room, streams: [...members.values()] });
  for (const ws of members.keys()) ws.send(roster);
}
