import { Page } from '@/parts/Page';

export function Play() {
  return <Page title="Play">…</Page>;
}
