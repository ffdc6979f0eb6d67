import { Firefox, type FirefoxTab } from '../helpers/firefox';
import { describeWith } from '../helpers/programs';
import { tellStories } from './dead-links';

const tellInFirefox = (path: string) => {
  let firefox: Firefox;
  let tab: FirefoxTab;

  beforeAll(async () => {
    firefox = await Firefox.start(path);
  });
  afterEach(() => tab.evaluate('room.leave()'));
  afterAll(() => firefox.stop());

  tellStories({
    freezes: false,
    open: async (url) => {
      tab = await firefox.open(url);
      return tab;
    },
    inBackground: async (_page, what) => {
      const inFront = tab;
      await firefox.open('about:blank');
      await what();
      await inFront.show();
    },
    signal: (name) => firefox.signal(name),
  });
};

// Firefox takes as long to start as many tests take in all.
if (process.env.FIREFOX === 'true') describeWith('firefox-esr', 'in Firefox', tellInFirefox);
else test.skip('in Firefox (npm run test:firefox)', () => {});
