/** Two participants side by side, in one room. */
import { byId, make, setText } from '../dom';
import { credentialFields } from './credentials';
import { twoNames } from './names';
import { Participant, type Surroundings } from './participant';

const KEPT_LINES = 20;

const SAME_NAME =
  'Both participants have the same name: to the room they are one stream, which stays until both have left.';

const room = byId('room', HTMLInputElement);
const both = byId('both', HTMLButtonElement);
const history = byId('history', HTMLElement);

export interface Trial {
  /** Those who wait because the host was away try again. */
  comeBack(): void;
}

/**
 * @param address the host's WebSocket address
 * @param host what the participants ask of it, and tell it
 */
export function startTrial(address: string, host: Pick<Surroundings, 'why' | 'onOpen'>): Trial {
  const template = byId('participant', HTMLTemplateElement);
  const surroundings: Surroundings = {
    ...{ ...host, address, note, onChange: showBoth },
    room: () => room.value,
  };
  const [first, second] = twoNames();
  const participants = [parameter('streamName') ?? first, second].map(
    (name, index) => new Participant(index + 1, name, template, surroundings),
  );
  byId('participants', HTMLElement).append(...participants.map(({ element }) => element));
  room.value = parameter('room') ?? 'test';
  byId('trial', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    const isIn = participants.some((participant) => participant.isIn);
    for (const participant of participants) {
      if (isIn) participant.leave();
      else participant.join();
    }
  });

  function showBoth(): void {
    const isIn = participants.some((participant) => participant.isIn);
    const [one, other] = participants;
    room.readOnly = isIn;
    for (const field of credentialFields) field.readOnly = isIn;
    setText(both, isIn ? 'Leave with both' : 'Join with two participants');
    both.classList.toggle('primary', !isIn);
    setText(byId('same-name', HTMLElement), one?.name === other?.name ? SAME_NAME : '');
  }

  return {
    comeBack: () => {
      for (const participant of participants) participant.comeBack();
    },
  };
}

function note(text: string): void {
  const now = new Date();
  const time = make('time', { datetime: now.toISOString() }, now.toLocaleTimeString());
  history.prepend(make('li', {}, time, text));
  while (history.children.length > KEPT_LINES) history.lastElementChild?.remove();
}

/** Decodes like the host: `+` is a plus. */
function parameter(name: string): string | undefined {
  const [, value] = new RegExp(`[?&]${name}=([^&]*)`).exec(location.search) ?? [];
  try {
    return value === undefined ? undefined : decodeURIComponent(value);
  } catch {
    return value;
  }
}
