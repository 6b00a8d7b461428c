// Texts are looked up by keys that exist: the English files say which.
import type account from './locales/en/account.json';
import type agent from './locales/en/agent.json';
import type agents from './locales/en/agents.json';
import type boards from './locales/en/boards.json';
import type home from './locales/en/home.json';
import type mounting from './locales/en/mounting.json';
import type shell from './locales/en/shell.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell';
    resources: {
      account: typeof account;
      agent: typeof agent;
      agents: typeof agents;
      home: typeof home;
      mounting: typeof mounting;
      boards: typeof boards;
      shell: typeof shell;
    };
  }
}
