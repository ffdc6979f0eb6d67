/** The landing page, for someone who has just started the host. */
import { byId, setText } from '../dom';
import { showAddresses } from './addresses';
import { startTrial } from './trial';

interface HealthAnswer {
  readonly status: string;
}

async function showStatus(): Promise<void> {
  const chip = byId('status', HTMLElement);
  try {
    const response = await fetch('healthz');
    const { status }: HealthAnswer = await response.json();
    chip.dataset.state = status === 'ok' ? 'good' : 'warn';
    setText(chip, status === 'ok' ? 'Running' : 'Running, degraded');
  } catch {
    chip.dataset.state = 'bad';
    setText(chip, 'The host does not answer');
  }
}

void showStatus();
startTrial(showAddresses());
