// Browser -> routes -> pages; pages ask the API (api/), follow it (live/), and are drawn from parts/ and boards/.
import '@mantine/core/styles.css';
import './shell/page.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queries } from './api/queries';
import { language } from './i18n';
import { router } from './router';
import { theme, variables } from './theme';

/** The nonce of this answer's policy: Mantine writes a few style elements (docs/security.md). */
const nonce = () => document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

// So does what keeps a page from scrolling behind a dialog, which asks for it here (the package get-nonce).
Object.assign(globalThis, { __webpack_nonce__: nonce() });

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

language.ready.then(() =>
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={nonce}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  ),
);
