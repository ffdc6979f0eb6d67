import { joinTarget, startHost } from '../helpers/host';
import { Red5 } from '../helpers/red5';

jest.mock('../../src/red5/create', () => {
  throw new Error('red5 is loaded');
});

test('what asks the media server is loaded only where one is set', async () => {
  const { open } = await startHost();
  await open(joinTarget('room', 'anna')).until('anna');
  const red5 = await Red5.start();
  await expect(startHost(red5.standalone)).rejects.toThrow('red5 is loaded');
});
