import {
  IconAdjustments,
  IconArrowsLeftRight,
  IconDeviceTv,
  IconHandClick,
  IconHistory,
  IconHome,
  IconLayoutGrid,
  IconRobot,
} from '@tabler/icons-react';

/** Where one can go from everywhere. who: sees it. */
export const PLACES = [
  { to: '/', text: 'place.home', Icon: IconHome, who: 'anybody' },
  { to: '/agents', text: 'place.agents', Icon: IconRobot, who: 'user' },
  { to: '/games', text: 'place.games', Icon: IconLayoutGrid, who: 'anybody' },
  { to: '/watch', text: 'place.watch', Icon: IconDeviceTv, who: 'anybody' },
  { to: '/matches', text: 'place.matches', Icon: IconHistory, who: 'anybody' },
  { to: '/compare', text: 'place.compare', Icon: IconArrowsLeftRight, who: 'anybody' },
  { to: '/play', text: 'place.play', Icon: IconHandClick, who: 'user' },
  { to: '/operations', text: 'place.operations', Icon: IconAdjustments, who: 'operator' },
] as const;
