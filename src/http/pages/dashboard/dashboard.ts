/** The dashboard: asks for the token, then shows the host live. */
import type { Figures } from '../../shapes';
import { byId, setText } from '../dom';
import { Api, type ApiProblem, forgetToken, isToken, keepToken, knownToken } from './api';
import { openFeed } from './feed';
import { Plots } from './plots';
import { addRefusals } from './refusals';
import { RoomDialog } from './room-dialog';
import { leaveToFeed, RoomsTable } from './rooms-table';
import { showLink, showState } from './state';
import { makeTiles } from './tiles';

/** Events, one per second, before the rooms are reloaded even if nobody joined or left. */
const REFRESH = 5;

const WRONG_TOKEN = 'This token is not valid for this host.';

const login = byId('login', HTMLFormElement);
const field = byId('token', HTMLInputElement);
const content = byId('content', HTMLElement);

login.addEventListener('submit', (event) => {
  event.preventDefault();
  keepToken(field.value.trim());
  location.reload();
});
byId('forget', HTMLElement).addEventListener('click', () => {
  forgetToken();
  location.reload();
});

const token = knownToken();
if (token === null || token === '') askForToken('');
else if (isToken(token)) follow(new Api(token));
else askForToken(WRONG_TOKEN);

function follow(api: Api): void {
  const room = new RoomDialog(api);
  const rooms = new RoomsTable(api, (name) => room.open(name));
  const showNow = makeTiles(byId('tiles', HTMLElement));
  const plots = new Plots(byId('plots', HTMLElement));
  let startedAt: number | undefined;
  /** Events since the rooms were loaded. */
  let age = 0;

  const onFigures = (figures: Figures) => {
    const anew = figures.startedAt !== startedAt || content.dataset.stale !== undefined;
    if (startedAt !== undefined && figures.startedAt !== startedAt) room.close();
    startedAt = figures.startedAt;
    delete content.dataset.stale;
    content.hidden = false;
    document.body.dataset.access = figures.access;
    byId('state', HTMLElement).hidden = false;
    showState(figures);
    const newest = figures.samples.at(-1);
    if (newest) showNow(newest);
    plots.add(figures.samples);
    addRefusals(figures.refusals, anew);
    const changed = figures.samples.some(({ joins, leaves }) => joins + leaves > 0);
    age = changed || anew ? 0 : (age + 1) % REFRESH;
    if (age > 0 || document.hidden) return;
    rooms.refresh().catch(leaveToFeed);
    room.refresh().catch(leaveToFeed);
  };
  const onAway = () => {
    content.dataset.stale = '';
    byId('state', HTMLElement).hidden = false;
    showLink('bad', 'The host does not answer; retrying');
  };
  openFeed(api, { onFigures, onAway, onRefused: askAgain });
}

function askAgain({ status }: ApiProblem): void {
  forgetToken();
  askForToken(
    status === 404 ? 'This host was started without ADMIN_TOKEN. Set one and restart it.' : WRONG_TOKEN,
  );
}

function askForToken(problem: string): void {
  content.hidden = true;
  byId('state', HTMLElement).hidden = true;
  login.hidden = false;
  setText(byId('login-problem', HTMLElement), problem);
  field.focus();
}
