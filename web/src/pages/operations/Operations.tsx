import { Page } from '@/parts/Page';

export function Operations() {
  return <Page title="Operations">…</Page>;
}
