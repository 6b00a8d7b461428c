import { Page } from '@/parts/Page';

export function Entrance() {
  return <Page title="Arena">…</Page>;
}
