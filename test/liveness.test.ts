/** No ghosts: whoever is dead, frozen or cut off is gone for the others, over real sockets and processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { joinTarget, startHost } from './helpers/host';
import { clientFrame } from './helpers/raw-client';

const SHORT = { pingInterval: 0.1, pongTimeout: 0.1 };

test('a frozen process disappears for the others', async () => {
  const { join, port } = await startHost(SHORT);
  const anna = await join('room', 'anna');
  const script = `new (require('ws').WebSocket)('ws://127.0.0.1:${port}${joinTarget('room', 'frozen')}')`;
  const child = spawn(process.execPath, ['-e', script], { cwd: __dirname, stdio: 'ignore' });
  try {
    await anna.until('anna', 'frozen');
    child.kill('SIGSTOP');
    await anna.until('anna');
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

test('a client that answers no ping is dropped; one that does stays', async () => {
  const started = await startHost(SHORT);
  const anna = await started.join('room', 'anna');
  const mute = await started.raw();
  await mute.join(joinTarget('room', 'mute'));
  await anna.until('anna', 'mute');
  const left = once(started.host.events, 'left');
  await anna.until('anna');
  const [member, departure] = await left;
  expect(member).toMatchObject({ streamName: 'mute' });
  expect(departure).toEqual({ code: 1006, reason: expect.stringMatching(/^silent for \d/), dropped: true });
  await mute.closed;
});

test('any bytes count as life', async () => {
  const { join, raw } = await startHost(SHORT);
  const anna = await join('room', 'anna');
  const chatty = await raw();
  await chatty.join(joinTarget('room', 'chatty'));
  const talk = setInterval(() => chatty.send(clientFrame(0x8a)), 20);
  for (let ping = 0; ping < 5; ping++) await once(anna.ws, 'ping');
  clearInterval(talk);
  await join('room', 'ben');
  for (const { streams } of await anna.until('anna', 'chatty', 'ben')) expect(streams).toContain('chatty');
  await anna.until('anna', 'ben');
});

test('a frozen member is gone at its protocol error, not when its socket closes', async () => {
  const { join, raw } = await startHost();
  const anna = await join('room', 'anna');
  const broken = await raw();
  await broken.join(joinTarget('room', 'broken'));
  await anna.until('anna', 'broken');
  broken.socket.pause();
  let closed = false;
  void broken.closed.then(() => {
    closed = true;
  });
  broken.send(clientFrame(0x83));
  await anna.until('anna');
  expect(closed).toBe(false);
});

test('a flood of tiny frames ends in 1008, and the room goes on', async () => {
  const { join, raw } = await startHost();
  const anna = await join('room', 'anna');
  const flood = await raw();
  await flood.join(joinTarget('room', 'flood'));
  await anna.until('anna', 'flood');
  flood.send(Buffer.concat(Array(100_000).fill(clientFrame(0x81))));
  await flood.until('\x03\xf0clients have nothing to send');
  await anna.until('anna');
});
