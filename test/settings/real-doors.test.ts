import { startHost } from '../helpers/host';
import { TestLog } from '../helpers/log';
import { SECRET } from '../helpers/tokens';

test('the state of each door is logged at the start', async () => {
  const log = new TestLog();
  await startHost({ jwtSecret: SECRET, logger: log.logger });
  expect(await log.line('doors')).toMatchObject({
    level: 30,
    doors: { network: 'closed by HOST: only 127.0.0.1', joining: 'closed by JWT_SECRET' },
  });
  expect(log.text).not.toMatch(SECRET);
});
