import { Page } from '@/parts/Page';

export function Match() {
  return <Page title="Match">…</Page>;
}
