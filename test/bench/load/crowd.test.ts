import { Crowd } from '../../../bench/load/crowd';
import { bare } from '../../../bench/load/dialect';
import { fillRoom } from '../../../bench/load/rooms';
import { startHost } from '../../helpers/host';

/** A crowd comes in over several loopback addresses. */
const ALL_ADDRESSES = { host: '0.0.0.0' };

describe('a crowd', () => {
  test('counts the streams of each roster as a client that parses it does', async () => {
    const { port, join } = await startHost(ALL_ADDRESSES);
    const client = await join('room', 'p999999');
    const crowd = new Crowd([port], bare);
    const first = crowd.join('room');
    await first.sees();
    expect(await client.nextStreams()).toHaveLength(first.streams);
    await crowd.join('room').sees(3);
    expect(await client.nextStreams()).toHaveLength(3);
    await crowd.disperse();
  });

  test('fills a room, and leaves it with closing handshakes', async () => {
    const { host, port } = await startHost(ALL_ADDRESSES);
    const codes: number[] = [];
    host.events.on('left', (_member, { code }) => codes.push(code));
    const crowd = new Crowd([port], bare);
    const participants = await fillRoom(crowd, 'room', 30);
    expect(participants.map(({ streams }) => streams)).toEqual(Array(30).fill(30));
    await Promise.all(participants.map((participant) => participant.leave()));
    expect(codes).toEqual(Array(30).fill(1000));
  });

  test('joins several nodes in turn, under names that are different on all of them', async () => {
    const nodes = [await startHost(ALL_ADDRESSES), await startHost(ALL_ADDRESSES)];
    const names = new Set<string>();
    for (const { host } of nodes) host.events.on('joined', ({ streamName }) => names.add(streamName));
    const crowd = new Crowd(
      nodes.map(({ port }) => port),
      bare,
    );
    const participants = Array.from({ length: 6 }, () => crowd.join('room'));
    await Promise.all(participants.map((participant) => participant.sees(3)));
    for (const { port } of nodes) {
      expect(participants.filter((participant) => participant.port === port)).toHaveLength(3);
    }
    expect(names.size).toBe(6);
    await crowd.disperse();
  });

  test('says when the server ends a socket', async () => {
    const { host, port } = await startHost(ALL_ADDRESSES);
    const crowd = new Crowd([port], bare);
    await crowd.join('room').sees();
    await host.close();
    await expect(crowd.trouble).rejects.toThrow('p000001: closed by the server with 1001');
  });

  test('says when the server refuses the handshake', async () => {
    const { port } = await startHost(ALL_ADDRESSES);
    const crowd = new Crowd([port], { ...bare, target: () => '/\r\nSec-WebSocket-Version: 12\r\nX:' });
    crowd.join('room');
    await expect(crowd.trouble).rejects.toThrow('p000001: refused: HTTP/1.1 4');
  });
});
