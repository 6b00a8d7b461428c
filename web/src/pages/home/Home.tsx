import { Page } from '@/parts/Page';
import type { Me } from '@/session';

export function Home({ me }: { me: Me }) {
  return <Page title={me.name}>…</Page>;
}
