/** How the host tells an application, with a button that sends a test. */
import type { WebhookStatus } from '../../shapes';
import { byId, setText } from '../dom';
import { clock, count, plural, span } from '../format';
import { type Api, inWords } from './api';

const card = byId('webhooks-card', HTMLElement);
const state = byId('webhooks-state', HTMLElement);
const queue = byId('webhooks-queue', HTMLElement);
const send = byId('webhooks-test', HTMLButtonElement);
const outcome = byId('webhooks-outcome', HTMLElement);

export function makeWebhooks(api: Api): (status: WebhookStatus | undefined) => void {
  send.addEventListener('click', async () => {
    send.disabled = true;
    setText(outcome, 'Sending a test …');
    setText(outcome, await testInWords(api));
    send.disabled = false;
  });
  return (status) => {
    card.hidden = status === undefined;
    if (status === undefined) return;
    setText(state, stateInWords(status));
    setText(queue, queueInWords(status));
  };
}

async function testInWords(api: Api): Promise<string> {
  try {
    const { delivered, problem = 'it does not say why', milliseconds } = await api.testWebhook();
    return delivered ? `The test has arrived, in ${milliseconds} ms.` : `The test has failed: ${problem}.`;
  } catch (error) {
    return inWords(error);
  }
}

function stateInWords({ state, since, problem, counts: { delivered } }: WebhookStatus): string {
  if (state === 'away')
    return `Your application takes no webhooks since ${clock(since)}${problem === undefined ? '' : `: ${problem}`}.`;
  const failing = problem === undefined ? '' : ` The last one has failed: ${problem}.`;
  return `${count(delivered)} delivered since the start.${failing}`;
}

function queueInWords({ rooms, notices, oldest, counts: { dropped } }: WebhookStatus): string {
  const waiting =
    rooms + notices === 0
      ? 'Nothing waits.'
      : `${plural(rooms, 'room')} and ${plural(notices, 'refusal or removal', 'refusals and removals')} wait, for ${span(oldest)} at most.`;
  return dropped === 0 ? waiting : `${waiting} ${count(dropped)} refusals and removals were never told.`;
}
