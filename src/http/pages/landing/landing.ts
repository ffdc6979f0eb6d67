/** The start page, for someone who has just started the host. */
import { byId } from '../dom';
import { offerCheck } from './check';
import { Connect } from './connect';
import { askFor } from './credentials';
import { HostWatch } from './host-watch';
import { here, ws } from './place';
import { startTrial } from './trial';

const trial = startTrial(`${ws}://${here}`, { why: () => watch.look(), onOpen: () => watch.opened() });
const connect = new Connect(byId('room', HTMLInputElement));
const watch = new HostWatch((facts, isBack) => {
  connect.know(facts);
  askFor(facts.wants);
  if (isBack) trial.comeBack();
});
offerCheck(
  () => connect.address,
  () => watch.facts,
);
