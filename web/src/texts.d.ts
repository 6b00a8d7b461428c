// Texts are looked up by keys that exist: the English files say which.
import type shell from './locales/en/shell.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell';
    resources: { shell: typeof shell };
  }
}
