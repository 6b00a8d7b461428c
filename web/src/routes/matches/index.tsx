import { createFileRoute } from '@tanstack/react-router';
import { matchesSearch } from '@/pages/matches/list/search';
import { Matches } from '@/pages/matches/Matches';

export const Route = createFileRoute('/matches/')({ component: Matches, validateSearch: matchesSearch });
