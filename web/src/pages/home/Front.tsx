import { lazy, Suspense } from 'react';
import { Loading } from '@/parts/states';
import { useMe } from '@/session';

const Home = lazy(() => import('./Home'));
const Entrance = lazy(() => import('./Entrance'));

const SCREEN_PX = 600;

/** The first page: the way in, and for who is in, what happens. */
export function Front() {
  const me = useMe();
  if (me === undefined) return <Loading height={SCREEN_PX} />;
  return <Suspense fallback={<Loading height={SCREEN_PX} />}>{me ? <Home me={me} /> : <Entrance />}</Suspense>;
}
