import { createRouter } from '@tanstack/react-router';
import { Failed, Loading } from './parts/states';
import { routeTree } from './routeTree.gen';
import { NotFound } from './shell/NotFound';

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultErrorComponent: ({ error, reset }) => <Failed error={error} retry={reset} />,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
