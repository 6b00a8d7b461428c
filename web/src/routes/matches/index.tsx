import { createFileRoute } from '@tanstack/react-router';
import { Matches } from '@/pages/matches/Matches';

export const Route = createFileRoute('/matches/')({ component: Matches });
