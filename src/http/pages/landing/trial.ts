/** Joins a room as any client does, and shows its roster and events. */
import { type ConferenceRoom, joinRoom } from '../../../client/index';
import { byId, make, setText } from '../dom';

const KEPT_LINES = 20;
const NAMES = ['anna', 'ben', 'carla', 'dev', 'eva', 'finn', 'gita', 'hugo', 'ines', 'jan'];

/** Close codes in plain words. The host's reason is shown too. */
const MEANINGS: Readonly<Record<number, string>> = {
  1001: 'the host is going away',
  1006: 'the connection was lost',
  1008: 'this client sent too much',
  4400: 'the request is not valid',
  4401: 'the token is missing or not valid',
  4403: 'you may not be in this room',
  4410: 'the token has expired',
  4429: 'a limit is reached',
};

const form = byId('join', HTMLFormElement);
const roomField = byId('room', HTMLInputElement);
const nameField = byId('streamName', HTMLInputElement);
const tokenField = byId('token', HTMLInputElement);
const submit = byId('submit', HTMLButtonElement);
const message = byId('message', HTMLElement);
const roster = byId('roster', HTMLElement);
const empty = byId('empty', HTMLElement);
const history = byId('history', HTMLElement);
const second = byId('second', HTMLAnchorElement);

let joined: ConferenceRoom | undefined;

export function startTrial(address: string): void {
  roomField.value = parameter('room') ?? 'test';
  nameField.value = parameter('streamName') ?? anyName();
  linkSecondTab();
  roomField.addEventListener('input', linkSecondTab);
  nameField.addEventListener('input', linkSecondTab);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (joined === undefined) join(address);
    else joined.leave();
  });
}

function join(address: string): void {
  const token = tokenField.value;
  const room = joinRoom(address, {
    room: roomField.value,
    streamName: nameField.value,
    ...(token === '' ? {} : { token }),
  });
  joined = room;
  showForm('Leave');
  say('', 'Joining…');
  room.addEventListener('open', () => say('', `You are in the room as ${room.streamName}.`));
  room.addEventListener('roster', ({ streams, joined, left }) => {
    showRoster(streams, room.streamName);
    for (const name of joined) note(`${name} joined`);
    for (const name of left) note(`${name} left`);
  });
  room.addEventListener('reconnecting', ({ code, reason, delay }) => {
    roster.dataset.stale = '';
    say('warn', `The connection is lost; next attempt in ${(delay / 1000).toFixed(1)} s.`, code, reason);
  });
  room.addEventListener('closed', ({ code, reason }) => {
    joined = undefined;
    showForm('Join');
    showRoster([], '');
    if (code === 1000) say('', 'You have left the room.');
    else say('bad', 'The host closed the connection.', code, reason);
  });
}

function showForm(action: 'Join' | 'Leave'): void {
  for (const field of [roomField, nameField, tokenField]) field.readOnly = action === 'Leave';
  submit.textContent = action;
  submit.classList.toggle('primary', action === 'Join');
}

function say(state: '' | 'warn' | 'bad', text: string, code?: number, reason = ''): void {
  message.dataset.state = state;
  if (code === undefined) {
    setText(message, text);
  } else {
    const meaning = [MEANINGS[code], reason].filter((part) => part !== undefined && part !== '');
    message.replaceChildren(`${text} `, make('code', {}, String(code)), ` ${meaning.join(': ')}`);
  }
  note(message.textContent ?? '');
}

/** Changes only what is different, so that screen readers announce only that. */
function showRoster(streams: readonly string[], own: string): void {
  delete roster.dataset.stale;
  const shown = new Map(Array.from(roster.children, (item) => [item.getAttribute('data-name'), item]));
  const wanted = new Set(streams);
  for (const [name, item] of shown) if (name === null || !wanted.has(name)) item.remove();
  for (const [place, name] of streams.entries()) {
    const item = shown.get(name) ?? rosterItem(name, name === own);
    if (roster.children[place] !== item) roster.insertBefore(item, roster.children[place] ?? null);
  }
  empty.hidden = streams.length > 0;
}

function rosterItem(name: string, isOwn: boolean): HTMLLIElement {
  const item = make('li', { 'data-name': name }, make('span', { class: 'name' }, name));
  if (isOwn) item.append(make('span', { class: 'you' }, 'you'));
  return item;
}

function note(text: string): void {
  const now = new Date();
  const time = make('time', { datetime: now.toISOString() }, now.toLocaleTimeString());
  history.prepend(make('li', {}, time, text));
  while (history.children.length > KEPT_LINES) history.lastElementChild?.remove();
}

function linkSecondTab(): void {
  const query = `room=${encodeURIComponent(roomField.value)}&streamName=${encodeURIComponent(anyName())}`;
  second.href = `${location.pathname}?${query}`;
}

/** A name that is not the one in the form. */
function anyName(): string {
  const others = NAMES.filter((name) => name !== nameField.value);
  return others[Math.floor(Math.random() * others.length)] ?? 'guest';
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
