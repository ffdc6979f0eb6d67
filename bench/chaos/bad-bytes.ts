/** What no client should send: frames that break RFC 6455, and requests that are no handshakes or bad ones. */
import { joinTarget } from '../../test/helpers/join-target';
import { handshakeFor } from '../../test/helpers/raw-client';
import { clientFrame } from './frames';

const FIN = 0x80;
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;

/** RFC 6455, section 5, broken rule by rule. */
export const badFrames: Readonly<Record<string, Buffer>> = {
  'RSV1 set': clientFrame(FIN | 0x40 | TEXT, 'a'),
  'RSV2 set': clientFrame(FIN | 0x20 | TEXT, 'a'),
  'RSV3 set': clientFrame(FIN | 0x10 | TEXT, 'a'),
  'reserved data opcode': clientFrame(FIN | 0x3, 'a'),
  'reserved control opcode': clientFrame(FIN | 0xb, 'a'),
  'not masked': Buffer.from([FIN | TEXT, 1, 0x61]),
  'continuation of nothing': clientFrame(FIN, 'a'),
  'text inside a fragmented text': Buffer.concat([clientFrame(TEXT, 'a'), clientFrame(FIN | TEXT, 'b')]),
  'fragmented ping': clientFrame(PING, 'a'),
  'fragmented close': clientFrame(CLOSE),
  'ping of 126 bytes': clientFrame(FIN | PING, Buffer.alloc(126)),
  'close with one byte': clientFrame(FIN | CLOSE, 'a'),
  'close with code 999': clientFrame(FIN | CLOSE, Buffer.from([0x03, 0xe7])),
  'close with code 1005': clientFrame(FIN | CLOSE, Buffer.from([0x03, 0xed])),
  'close with code 65535': clientFrame(FIN | CLOSE, Buffer.from([0xff, 0xff])),
  'close with a reason that is not UTF-8': clientFrame(FIN | CLOSE, Buffer.from([0x03, 0xe8, 0xff])),
  'text that is not UTF-8': clientFrame(FIN | TEXT, Buffer.from([0xc3, 0x28])),
  'half a character, cut by fragments': Buffer.concat([
    clientFrame(TEXT, Buffer.from([0xf0, 0x9f])),
    clientFrame(FIN, Buffer.from([0x61])),
  ]),
  'a length of 2^63': clientFrame(FIN | TEXT, '', 1n << 63n),
  'a length of 2^53': clientFrame(FIN | TEXT, '', 1n << 53n),
  'a length of 4097': clientFrame(FIN | TEXT, '', 4097n),
  'half a header': Buffer.from([FIN]),
  'half a payload': clientFrame(FIN | TEXT, 'abcdefgh').subarray(0, 8),
  'a request': Buffer.from(handshakeFor('/')),
  'a TLS hello': Buffer.from('16030100c8010000c40303', 'hex'),
  zeros: Buffer.alloc(64),
  ones: Buffer.alloc(64, 0xff),
};

/** What is refused before or right after the handshake. */
export const badRequests: Readonly<Record<string, string | Buffer>> = {
  'no names': handshakeFor('/'),
  'no room': handshakeFor('/?streamName=x-1'),
  'no stream name': handshakeFor('/?room=a%2Bb'),
  'an empty name': handshakeFor(joinTarget('a+b', '')),
  'a name of 257 bytes': handshakeFor(joinTarget('a+b', 'x'.repeat(257))),
  'a name with a line break': handshakeFor(joinTarget('a+b', 'x\n1')),
  'a name with a null': handshakeFor(joinTarget('a+b', 'x\0')),
  'escapes that are not UTF-8': handshakeFor('/?room=%ff%fe&streamName='),
  'a target of 7 KiB': handshakeFor(joinTarget('a+b', 'x'.repeat(7_000))),
  'a target of 64 KiB': handshakeFor(joinTarget('a+b', 'x'.repeat(65_536))),
  'headers of 64 KiB': handshakeFor('/', { Cookie: 'c'.repeat(65_536) }),
  'version 8': handshakeFor(joinTarget('a+b', 'x-2'), { 'Sec-WebSocket-Version': '8' }),
  'a bad key': handshakeFor(joinTarget('a+b', 'x-3'), { 'Sec-WebSocket-Key': 'short' }),
  'bad extensions': handshakeFor(joinTarget('a+b', 'x-4'), { 'Sec-WebSocket-Extensions': ';;==,' }),
  'bad subprotocols': handshakeFor(joinTarget('a+b', 'x-5'), { 'Sec-WebSocket-Protocol': 'a,,a' }),
  'another upgrade': handshakeFor(joinTarget('a+b', 'x-6'), { Upgrade: 'h2c' }),
  'a body': `${handshakeFor(joinTarget('a+b', 'x-7'), { 'Content-Length': '5' })}hello`,
  'a plain request': 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'fifty requests at once': 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50),
  'a POST': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n',
  'no Host': 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'no HTTP': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
  'a TLS hello': Buffer.from('16030100c8010000c40303', 'hex'),
  'bytes of every value': Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
};
