import type { Shown } from '@/api/client';
import type { Me } from '@/session';

/** Why somebody may not do something to a user: they are the house's, oneself, or an administrator's affair. */
export type Refused = 'house' | 'self' | 'admins' | null;

export interface Rights {
  lock: Refused;
  recover: Refused;
  role: Refused;
}

/** What the platform would let this operator do (arena/api/users.py), so that no button offers what is refused. */
export function rightsOver(me: Me, user: Pick<Shown<'User'>, 'id' | 'role'>): Rights {
  if (user.role === 'house') return { lock: 'house', recover: 'house', role: 'house' };
  const admin = me.role === 'admin';
  const basic: Refused = admin || user.role === 'user' ? null : 'admins';
  return {
    lock: me.id === user.id ? 'self' : basic,
    recover: basic,
    role: admin ? null : 'admins',
  };
}
