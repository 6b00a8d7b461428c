/** What a client called itself (User-Agent), as people call it. */
export interface Client {
  /** "Chrome · Linux"; what is no browser by its own first words; empty: it said nothing. */
  name: string;
  kind: 'browser' | 'phone' | 'program';
}

// The first that fits: browsers name their ancestors too.
const BROWSERS: [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\b(OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(HeadlessChrome|Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+ .*Safari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/\b(iPhone|iPod)\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const first = (rows: [RegExp, string][], text: string) => rows.find(([pattern]) => pattern.test(text))?.[1];

export function clientOf(userAgent: string): Client {
  const browser = userAgent.startsWith('Mozilla/') ? first(BROWSERS, userAgent) : undefined;
  if (!browser) return { name: userAgent.trim().split(/\s+/, 1)[0] ?? '', kind: 'program' };
  const system = first(SYSTEMS, userAgent);
  const kind = /\b(Mobile|iPhone|iPad|Android)\b/.test(userAgent) ? 'phone' : 'browser';
  return { name: system ? `${browser} · ${system}` : browser, kind };
}
