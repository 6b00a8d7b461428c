import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

export const LANGUAGES = { en: 'English', zh: '简体中文' } as const;
export type Language = keyof typeof LANGUAGES;
const KEPT = 'arena-language';

// One file a page and a language; a page's texts come with the page (`useTranslation('<file>')`).
const texts = import.meta.glob<{ default: object }>('./locales/*/*.json');

const byImport = {
  type: 'backend' as const,
  init() {},
  read(name: string, namespace: string, done: (error: unknown, found: object | null) => void) {
    const load = texts[`./locales/${name}/${namespace}.json`];
    if (!load) return done(new Error(`no texts ${name}/${namespace}`), null);
    load().then(
      (found) => done(null, found.default),
      (error: unknown) => done(error, null),
    );
  },
};

/** The language that the person chose, or the browser's. */
function first(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'en' || kept === 'zh') return kept;
  return navigator.languages.some((one) => one.startsWith('zh')) && !navigator.language.startsWith('en') ? 'zh' : 'en';
}

const ready = i18next
  .use(byImport)
  .use(initReactI18next)
  .init({
    lng: first(),
    fallbackLng: false,
    ns: ['shell'],
    defaultNS: 'shell',
    interpolation: { escapeValue: false },
    react: { useSuspense: true },
  });

export const language = {
  ready: ready.then(() => mark(current())),
  choose: async (chosen: Language) => {
    localStorage.setItem(KEPT, chosen);
    await i18next.changeLanguage(chosen);
    mark(chosen);
  },
};

/** The language of now, for `Intl`. */
export function current(): Language {
  return i18next.language === 'zh' ? 'zh' : 'en';
}

function mark(chosen: Language) {
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
}
