import { createFileRoute } from '@tanstack/react-router';
import { Play } from '@/pages/play/Play';

export const Route = createFileRoute('/play')({ component: Play });
