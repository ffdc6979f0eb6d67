import { makeCertificate, temporaryFolder } from '../helpers/certificates';
import { joinTarget, startHost } from '../helpers/host';
import { describeWith } from '../helpers/programs';

jest.mock('node-forge', () => {
  throw new Error('the library is loaded');
});
jest.mock('../../src/listening/self-signed/self-signed', () => {
  mockLoaded();
  return jest.requireActual('../../src/listening/self-signed/self-signed');
});
const mockLoaded = jest.fn();

describeWith('openssl', 'what makes certificates', () => {
  test('is loaded only for TLS=self-signed', async () => {
    const { open } = await startHost();
    await open(joinTarget('room', 'anna')).until('anna');
    const { cert, key } = makeCertificate('mine');
    await startHost({ tlsCert: cert, tlsKey: key });
    expect(mockLoaded).not.toHaveBeenCalled();
    const stateDir = temporaryFolder();
    await expect(startHost({ tls: 'self-signed', stateDir })).rejects.toThrow('the library is loaded');
  });
});
