import { createFileRoute } from '@tanstack/react-router';
import { Match } from '@/pages/matches/Match';

export const Route = createFileRoute('/matches/$match')({ component: Match });
