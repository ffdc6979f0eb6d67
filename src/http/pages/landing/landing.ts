/** The start page, for someone who has just started the host. */
import { byId } from '../dom';
import { offerCheck } from './check';
import { Connect } from './connect';
import { HostWatch } from './host-watch';
import { here, ws } from './place';
import { startTrial } from './trial';

const room = byId('room', HTMLInputElement);
const trial = startTrial(
  `${ws}://${here}`,
  () => watch.look(),
  () => connect.show(),
);
const connect = new Connect(() => room.value);
const watch = new HostWatch(({ addresses, wantsToken }, isBack) => {
  connect.know(addresses);
  trial.askForToken(wantsToken);
  if (isBack) trial.comeBack();
});
offerCheck(
  () => connect.address,
  () => watch.facts?.refusesPage,
);
