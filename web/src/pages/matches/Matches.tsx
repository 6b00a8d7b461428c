import { Page } from '@/parts/Page';

export function Matches() {
  return <Page title="Matches">…</Page>;
}
