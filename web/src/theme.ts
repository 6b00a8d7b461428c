import { type CSSVariablesResolver, createTheme, DEFAULT_THEME, type MantineColorsTuple } from '@mantine/core';

const ember: MantineColorsTuple = [
  '#fff3e6',
  '#ffe3c7',
  '#fdc68f',
  '#fba653',
  '#f98b26',
  '#f27a0c',
  '#d96704',
  '#ad5000',
  '#8a4000',
  '#6b3100',
];
const slate: MantineColorsTuple = [
  '#eef4f9',
  '#d9e6f1',
  '#b1cce4',
  '#85b1d7',
  '#629acc',
  '#4c8cc6',
  '#3f82bf',
  '#2f6fa8',
  '#1f5f8b',
  '#124a70',
];

const dark: MantineColorsTuple = [
  '#d5dde6',
  '#b4c0cc',
  '#8f9dac',
  '#5d6b7a',
  '#323d4a',
  '#27303b',
  '#1c232c',
  '#13181f',
  '#0e1217',
  '#0a0d11',
];

/** A colour of the library's whose filled shades carry white text well, also when pointed at (WCAG AA). */
function darkened(name: 'orange' | 'teal', filled: string, pointed: string): MantineColorsTuple {
  return [...DEFAULT_THEME.colors[name].slice(0, 8), filled, pointed] as unknown as MantineColorsTuple;
}

/** Colours and sizes. `slate` is what can be pressed, `ember` what is live. */
export const theme = createTheme({
  primaryColor: 'slate',
  primaryShade: { light: 8, dark: 7 },
  colors: {
    ember,
    slate,
    dark,
    orange: darkened('orange', '#b8400c', '#983407'),
    teal: darkened('teal', '#087f5b', '#066649'),
  },
  autoContrast: true,
  luminanceThreshold: 0.185, // darker ones carry white text with a contrast of 4.5
  respectReducedMotion: true,
  defaultRadius: 'md',
  fontFamily: [
    'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans"',
    '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif',
  ].join(', '),
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono", monospace',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  // The head of a dialog is not the page's own.
  components: {
    Modal: { defaultProps: { attributes: { header: { role: 'none' } } } },
    Drawer: { defaultProps: { attributes: { header: { role: 'none' } } } },
  },
});

/** Texts on their own colour's lightest shade, as badges and alerts have them. */
const ON_LIGHT = { teal: '#077554', green: '#257735', lime: '#4a760a', yellow: '#a15300', orange: '#b63c0d' };

/** What the library's own colours lack in contrast (WCAG AA asks for 4.5). */
export const variables: CSSVariablesResolver = (theme) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5a6570',
    '--mantine-color-placeholder': '#6b7680',
    '--mantine-color-error': theme.colors.red[9],
    ...Object.fromEntries(
      Object.entries(ON_LIGHT).map(([name, shade]) => [`--mantine-color-${name}-light-color`, shade]),
    ),
  },
  dark: {
    '--mantine-color-dimmed': theme.colors.dark[2],
    '--mantine-color-placeholder': theme.colors.dark[2],
    '--mantine-color-error': theme.colors.red[5],
  },
});
