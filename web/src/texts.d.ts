// Texts are looked up by keys that exist: the English files say which.
import type account from './locales/en/account.json';
import type agent from './locales/en/agent.json';
import type agents from './locales/en/agents.json';
import type boards from './locales/en/boards.json';
import type compare from './locales/en/compare.json';
import type games from './locales/en/games.json';
import type home from './locales/en/home.json';
import type match from './locales/en/match.json';
import type matches from './locales/en/matches.json';
import type mounting from './locales/en/mounting.json';
import type operations from './locales/en/operations.json';
import type play from './locales/en/play.json';
import type shell from './locales/en/shell.json';
import type waiting from './locales/en/waiting.json';
import type watch from './locales/en/watch.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell';
    resources: {
      account: typeof account;
      agent: typeof agent;
      agents: typeof agents;
      boards: typeof boards;
      compare: typeof compare;
      games: typeof games;
      home: typeof home;
      match: typeof match;
      matches: typeof matches;
      mounting: typeof mounting;
      operations: typeof operations;
      play: typeof play;
      shell: typeof shell;
      waiting: typeof waiting;
      watch: typeof watch;
    };
  }
}
