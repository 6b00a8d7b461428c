import { createFileRoute } from '@tanstack/react-router';
import { Match } from '@/pages/matches/Match';
import { placeIn } from '@/pages/matches/match/place';

export const Route = createFileRoute('/matches/$match')({ validateSearch: placeIn, component: Match });
