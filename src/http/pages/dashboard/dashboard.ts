/** The dashboard: asks for the token, then shows the host live. */
import type { Figures } from '../../shapes';
import { byId } from '../dom';
import { Api } from './api';
import { Bans } from './bans';
import { Feed } from './feed';
import { makeGauges } from './gauges';
import { Live } from './live';
import { askForToken, NO_TOKEN, WRONG_TOKEN } from './login';
import { showNodes } from './nodes';
import { leaveToLive } from './pager';
import { keepRoomsFirst } from './places';
import { Plots } from './plots';
import { Removal } from './removal';
import { RoomView } from './room-view';
import { RoomsTable } from './rooms-table';
import { followAddress } from './router';
import { showAway, showState } from './state';
import { steadily } from './steadily';
import { makeTiles } from './tiles';
import { forgetToken, isToken, knownToken } from './token';
import { makeWebhooks } from './webhooks';

/** Events, one per second, before everything is loaded anew even if nobody joined or left. */
const REFRESH = 5;

const content = byId('content', HTMLElement);
const feedRoom = byId('feed-room', HTMLInputElement);

const token = knownToken();
if (token === null || token === '') askForToken('');
else if (isToken(token)) follow(new Api(token));
else askForToken(WRONG_TOKEN);

function follow(api: Api): void {
  keepRoomsFirst();
  const rooms = new RoomsTable(api);
  const bans = new Bans(api);
  const roomView = new RoomView(api, new Removal(api, () => roomView.afterRemoval()));
  const feed = new Feed();
  const plots = new Plots(byId('plots', HTMLElement));
  const showTiles = makeTiles(byId('tiles', HTMLElement));
  const showWebhooks = makeWebhooks(api);
  const showGauges = makeGauges(byId('gauges', HTMLElement));
  /** The room that has the page to itself. */
  let room: string | undefined;
  let heard: number | undefined;
  let known = '';
  /** Events since everything was loaded. */
  let age = REFRESH;

  const refresh = () => {
    age = 0;
    if (room === undefined) for (const table of [rooms, bans]) table.refresh().catch(leaveToLive);
    else roomView.refresh(feed.latest(['refusal', 'removal', 'order'])).catch(leaveToLive);
  };
  /** Once all events that came together are read. */
  const refreshIfOld = () => {
    if (!document.hidden && age >= REFRESH) refresh();
  };
  const onFigures = (figures: Figures) => {
    heard = Date.now();
    delete content.dataset.stale;
    content.hidden = false;
    document.body.dataset.access = figures.access;
    document.body.dataset.nodes = String(figures.cluster.nodes.length);
    const newest = figures.samples.at(-1);
    steadily(() => {
      showState(figures);
      if (newest) showTiles(figures.cluster, newest);
      showGauges(figures.cluster.limits);
      showNodes(figures.cluster.nodes);
      showWebhooks(figures.webhooks);
    });
    plots.add(figures.samples);
    const now = gist(figures);
    if (now !== known) age = REFRESH;
    known = now;
    age++;
    setTimeout(refreshIfOld);
  };
  const onAway = () => {
    content.dataset.stale = '';
    steadily(() => showAway(heard));
    plots.away();
  };
  const onConnect = () => {
    feed.clear();
    age = REFRESH;
  };
  const live = new Live(api, {
    ...{ onFigures, onAway, onConnect },
    onFeed: (news) => {
      if (feed.add(news)) age = REFRESH;
    },
    onRefused: ({ status }) => {
      forgetToken();
      askForToken(status === 404 ? NO_TOKEN : WRONG_TOKEN);
    },
  });

  const watch = () => live.watch(room ?? (feedRoom.value || undefined));
  feedRoom.addEventListener('change', watch);
  followAddress((chosen) => {
    room = chosen;
    roomView.enter(room);
    watch();
    if (heard !== undefined) refresh();
  });
  void live.follow();
}

/** Tables are out of date as soon as this is another one. */
function gist({ cluster: { members, missing } }: Figures): string {
  return [members, ...missing.map(({ node }) => node)].join();
}
