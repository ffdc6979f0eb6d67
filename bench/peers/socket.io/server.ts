/** The same conference on socket.io: its rooms send the roster, over WebSocket alone. */
import { Server } from 'socket.io';

const rooms = new Map<string, Map<string, string>>();

const io = new Server(Number(process.env.PORT), { transports: ['websocket'], serveClient: false });

io.on('connection', (socket) => {
  const { room, streamName } = socket.handshake.query;
  const name = String(room);
  const members = rooms.get(name) ?? new Map<string, string>();
  rooms.set(name, members.set(socket.id, String(streamName)));
  socket.join(name);
  tell(name, members);
  socket.on('disconnect', () => {
    members.delete(socket.id);
    if (members.size === 0) rooms.delete(name);
    tell(name, members);
  });
});

function tell(room: string, members: Map<string, string>): void {
  io.to(room).emit('roster', { room, streams: [...members.values()] });
}
