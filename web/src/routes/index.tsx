import { createFileRoute } from '@tanstack/react-router';
import { Front } from '@/pages/home/Front';

export const Route = createFileRoute('/')({ component: Front });
