import { fileURLToPath } from 'node:url';
import { tanstackRouter } from '@tanstack/router-plugin/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` asks the API of a running platform; ARENA_WEB_API says where it is.
const api = process.env.ARENA_WEB_API ?? 'http://127.0.0.1:8000';

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
  },
  // ../examples is shown to who mounts an agent.
  server: { proxy: { '/api': { target: api, ws: true } }, fs: { allow: ['.', '../examples'] } },
  test: { include: ['tests/**/*.test.ts'] },
});
