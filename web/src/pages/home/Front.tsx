import { Loading } from '@/parts/states';
import { useMe } from '@/session';
import { Entrance } from './Entrance';
import { Home } from './Home';

/** The first page: the way in, and for who is in, what happens. */
export function Front() {
  const me = useMe();
  if (me === undefined) return <Loading height={480} />;
  return me ? <Home me={me} /> : <Entrance />;
}
