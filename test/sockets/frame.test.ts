import { textFrame } from '../../src/sockets/frame';

/** RFC 6455, section 5.2: FIN and opcode 1, no mask, and the shortest form of the length. */
test.each([
  [0, '8100'],
  [1, '8101'],
  [125, '817d'],
  [126, '817e007e'],
  [65_535, '817effff'],
  [65_536, '817f0000000000010000'],
])('a text of %i bytes has the header %s', (length, header) => {
  const text = 'x'.repeat(length);
  expect(textFrame(text).toString('hex')).toBe(header + Buffer.from(text).toString('hex'));
});

test('a frame holds text as UTF-8, and counts its bytes', () => {
  const text = 'é👩‍👩‍👧\u2028';
  expect(textFrame(text)).toEqual(Buffer.concat([Buffer.from([0x81, 23]), Buffer.from(text)]));
});
