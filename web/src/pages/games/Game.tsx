import { Page } from '@/parts/Page';

export function Game() {
  return <Page title="Game">…</Page>;
}
