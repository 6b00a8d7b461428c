import { fileURLToPath } from 'node:url';
import { tanstackRouter } from '@tanstack/router-plugin/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` asks the API of a running platform; WEB_API says where it is.
const api = process.env.WEB_API ?? 'http://127.0.0.1:8000';

const FRAME = new RegExp(
  `node_modules/(${[
    'react|react-dom|scheduler|use-sync-external-store',
    'i18next|react-i18next|openapi-[\\w-]+',
    '@tanstack/(react-router|router-core|history|react-store|store|react-query|query-core)',
  ].join('|')})/`,
);

export default defineConfig({
  plugins: [
    tanstackRouter({ target: 'react', autoCodeSplitting: true, disableLogging: true, quoteStyle: 'single' }),
    react(),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The API puts a fresh nonce in the place of this word in each answer (docs/security.md).
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: '../arena/api/static',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    target: 'es2022',
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What every page needs, in one file: it compresses better, and changes only with our dependencies.
          groups: [
            {
              name: 'frame',
              test: FRAME,
            },
            // What floats (menus, pickers) is not what scrolls (tables): a page often needs only one of both.
            { name: 'floating', test: /node_modules[\\/]@floating-ui[\\/]/ },
          ],
        },
      },
    },
  },
  // ../examples is shown to who mounts an agent.
  server: { proxy: { '/api': { target: api, ws: true } }, fs: { allow: ['.', '../examples'] } },
  test: { include: ['tests/**/*.test.ts'] },
});
