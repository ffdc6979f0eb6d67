import { createHash } from 'node:crypto';
import { complaint, settingsOf } from '../helpers/settings';

const WEBHOOK_URL = 'https://app.example/hooks?of=mine';
const GOOD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const bytes = (text: string | Uint8Array) => `whsec_${Buffer.from(text).toString('base64')}`;
/** Hard to guess, and always the same. */
const hard = (length: number) =>
  Buffer.concat(['a', 'b'].map((text) => createHash('sha512').update(text).digest())).subarray(0, length);

test('an application is told with a secret of Standard Webhooks, and while it is replaced with two', () => {
  expect(settingsOf({ WEBHOOK_URL, WEBHOOK_SIGNING_SECRET: GOOD })).toMatchObject({
    ...{ webhookUrl: WEBHOOK_URL, webhookSigningSecret: GOOD, webhookAllowPrivate: false },
  });
  const both = { WEBHOOK_SIGNING_SECRET: OTHER, WEBHOOK_SIGNING_SECRET_PREVIOUS: GOOD };
  expect(settingsOf({ WEBHOOK_URL, ...both })).toMatchObject({ webhookSigningSecretPrevious: GOOD });
});

test.each([24, 25, 26, 64])('a secret of %i bytes is taken, with and without padding', (length) => {
  const padded = bytes(hard(length));
  for (const secret of [padded, padded.replace(/=+$/, '')]) {
    const { webhookSigningSecret } = settingsOf({ WEBHOOK_URL, WEBHOOK_SIGNING_SECRET: secret });
    expect(webhookSigningSecret).toBe(secret);
  }
});

test.each([
  ['no prefix', GOOD.replace('whsec_', '')],
  ['too short', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLw'],
  ['too long', bytes(hard(65))],
  ['behind something else', `x${GOOD}`],
  ['before something else', `${GOOD}!`],
  ['no base64', `${GOOD.slice(0, -2)}-_`],
  ['half a character', `${GOOD}A`],
  ['a word', bytes('password password password')],
  ['one letter', bytes('a'.repeat(32))],
  ['a run', `whsec_${'abcd'.repeat(8)}`],
])('a secret that is %s is refused, and not shown', (_what, secret) => {
  const said = complaint({ WEBHOOK_URL, WEBHOOK_SIGNING_SECRET: secret });
  expect(said).toMatch('whsec_ and 24 to 64 bytes in base64 that are hard to guess');
  expect(said).not.toMatch(secret);
});

test.each([
  [{ WEBHOOK_URL }, 'WEBHOOK_URL is set without WEBHOOK_SIGNING_SECRET: your application could not tell'],
  [{ WEBHOOK_SIGNING_SECRET: GOOD }, 'WEBHOOK_SIGNING_SECRET is set without WEBHOOK_URL'],
  [{ WEBHOOK_ALLOW_PRIVATE: 'true' }, 'WEBHOOK_ALLOW_PRIVATE is set without WEBHOOK_URL'],
  [
    { WEBHOOK_URL, WEBHOOK_SIGNING_SECRET: GOOD, WEBHOOK_SIGNING_SECRET_PREVIOUS: GOOD },
    'WEBHOOK_SIGNING_SECRET and WEBHOOK_SIGNING_SECRET_PREVIOUS are the same',
  ],
])('settings go together: %j', (env, said) => {
  expect(complaint(env)).toMatch(said);
});
