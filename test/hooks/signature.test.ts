import { Signer } from '../../src/hooks/signature';
import { SECRET } from '../helpers/application';

/** From the specification of Standard Webhooks. */
const VECTOR = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1614265330,
  body: '{"test": 2432232314}',
};
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

test('the published test vector of Standard Webhooks', () => {
  expect(new Signer([SECRET]).headers(VECTOR)).toEqual({
    'webhook-id': VECTOR.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': SIGNATURE,
  });
});

test('while a secret is replaced, both sign', () => {
  const next = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
  const signature = new Signer([next, SECRET]).headers(VECTOR)['webhook-signature'];
  expect(signature?.split(' ')).toEqual([new Signer([next]).headers(VECTOR)['webhook-signature'], SIGNATURE]);
});
