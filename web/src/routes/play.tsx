import { createFileRoute } from '@tanstack/react-router';
import { Play } from '@/pages/play/Play';
import { playSearch } from '@/pages/play/search';

export const Route = createFileRoute('/play')({ component: Play, validateSearch: playSearch });
