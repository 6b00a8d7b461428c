import { Page } from '@/parts/Page';

export function Games() {
  return <Page title="Games">…</Page>;
}
