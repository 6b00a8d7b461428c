// Mantine's components as links of the router: addresses and their parameters are checked by the compiler.
import { Anchor, type AnchorProps, Button, type ButtonProps, Card, type CardProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { forwardRef } from 'react';

/** A link in text: `<TextLink to="/games/$game" params={{ game }}>`. */
export const TextLink = createLink(
  forwardRef<HTMLAnchorElement, Omit<AnchorProps, 'href'>>((props, ref) => <Anchor ref={ref} {...props} />),
);

/** A link that looks like a button. */
export const ButtonLink = createLink(
  forwardRef<HTMLAnchorElement, ButtonProps>((props, ref) => <Button component="a" ref={ref} {...props} />),
);

/** A card that is a link as a whole. */
export const CardLink = createLink(
  forwardRef<HTMLAnchorElement, CardProps>((props, ref) => <Card component="a" ref={ref} {...props} />),
);
